#include "protocol/sunspec/walk.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/sunspec/pieces.h"

enum { MARKER_1 = 0x5375, MARKER_2 = 0x6E53, END_ID = 0xFFFF, HEADER = 2, PROBE = 4 };
enum { REREADS = 2, SMALLEST = 16 };

enum phase { AGAIN, PROBING, HEADING, BODY, SCALES, FOUND, ENDED };

struct sunspec_walk {
	struct sunspec_plan plan;
	struct pieces pieces;
	struct sunspec_found model;
	struct sunspec_want want;
	enum phase phase;
	enum sunspec_ending ending;
	unsigned base, probe; /* base: of the chain; probe: index of the next base to try */
	unsigned address;     /* of the header that is next */
	unsigned body_end;    /* of the requested part of the body */
	unsigned limit;       /* registers of one request, at most */
	unsigned proven;      /* registers that the device has given at once */
	unsigned known_end;   /* of the chain in the last walk, 0: unknown */
	unsigned cursor;      /* reading a known chain: from here on */
	unsigned checked;     /* scale factors before this address have been read again */
	unsigned rereads;     /* of this model, because a scale factor had changed */
	bool again;           /* this walk began with reading a known chain */
	bool refused_again;   /* the device refused that */
	bool fast;            /* --fast, and it has not been refused */
	bool further;         /* the last want was made larger for it */
	bool single;          /* reading both registers of the header was refused */
	bool next_header;     /* the header after the body is wanted with it */
	bool cut;             /* the body cannot be read whole */
	uint16_t instances[IMAGE_REGISTERS];
};

static const uint16_t bases[] = {40000, 0, 50000};

struct sunspec_walk *sunspec_walk_new(const struct sunspec_plan *plan)
{
	struct sunspec_walk *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->plan = *plan;
	w->limit = SUNSPEC_READ_LIMIT;
	return w;
}

void sunspec_walk_free(struct sunspec_walk *w)
{
	free(w);
}

void sunspec_walk_begin(struct sunspec_walk *w)
{
	if (w->pieces.answers)
		memset(w->instances, 0, sizeof w->instances);
	pieces_begin(&w->pieces);
	w->probe = 0;
	w->single = false;
	w->fast = w->plan.fast;
	w->further = false;
	w->again = w->known_end && !w->refused_again;
	w->cursor = w->base;
	w->phase = w->again ? AGAIN : PROBING;
}

const struct sunspec_image *sunspec_walk_image(const struct sunspec_walk *w)
{
	return &w->pieces.image;
}

enum sunspec_ending sunspec_walk_ending(const struct sunspec_walk *w, unsigned *address)
{
	*address = w->address;
	return w->ending;
}

static bool known(const struct sunspec_walk *w, unsigned address)
{
	return sunspec_image_known(&w->pieces.image, address);
}

static unsigned word(const struct sunspec_walk *w, unsigned address)
{
	return w->pieces.image.words[address];
}

/* Whether the model is one of those that are requested. */
static bool selected(const struct sunspec_walk *w)
{
	const struct sunspec_plan *plan = &w->plan;
	const struct sunspec_found *m = &w->model;
	bool among = !plan->model_count;

	for (size_t i = 0; !among && i < plan->model_count; i++)
		among = plan->models[i] == m->id;
	if (!among || !plan->point_count)
		return among;
	return m->model && sunspec_has(m->set, m->model, plan->points, plan->point_count);
}

/* Asks for registers; with --fast for as many as fit one request. */
static bool ask(struct sunspec_walk *w, unsigned address, unsigned count)
{
	unsigned most = IMAGE_REGISTERS - address < w->limit ? IMAGE_REGISTERS - address : w->limit;

	w->further = w->fast && count < most;
	w->want = (struct sunspec_want){address, w->further || count > most ? most : count};
	return true;
}

/* Ends the walk. The next one can read ahead up to the header that ended this one, included. */
static bool end(struct sunspec_walk *w, enum sunspec_ending ending)
{
	bool chain = ending != SUNSPEC_NO_MARKER && ending != SUNSPEC_CUT;

	w->ending = ending;
	w->phase = ENDED;
	w->known_end = 0;
	if (!chain || w->plan.headers_only)
		return false;
	w->known_end = w->address;
	while (w->known_end < w->address + HEADER && known(w, w->known_end))
		w->known_end++;
	pieces_need(&w->pieces, w->address, w->known_end - w->address);
	return false;
}

static bool has_marker(const struct sunspec_walk *w, unsigned base)
{
	return known(w, base) && known(w, base + 1) && word(w, base) == MARKER_1 &&
	       word(w, base + 1) == MARKER_2;
}

static bool begin_chain(struct sunspec_walk *w, unsigned base)
{
	pieces_need(&w->pieces, base, 2);
	w->base = base;
	w->address = base + HEADER;
	w->phase = HEADING;
	return false;
}

/* Each of these functions does a step of its phase; true when it requests registers. */
static bool probing(struct sunspec_walk *w)
{
	size_t count = w->plan.base < 0 ? sizeof bases / sizeof *bases : 1;
	unsigned base;

	if (w->again && has_marker(w, w->base))
		return begin_chain(w, w->base);
	if (w->probe >= count)
		return end(w, SUNSPEC_NO_MARKER);
	base = w->plan.base < 0 ? bases[w->probe] : (unsigned)w->plan.base;
	w->address = base;
	if (base > IMAGE_REGISTERS - PROBE)
		return end(w, SUNSPEC_NO_MARKER);
	if (has_marker(w, base))
		return begin_chain(w, base);
	if (!known(w, base) || !known(w, base + 1))
		return ask(w, base, PROBE);
	w->probe++;
	return false;
}

/* Reads the registers of a known chain, as many as possible at once. */
static bool reading_again(struct sunspec_walk *w)
{
	unsigned count;

	if (pieces_ahead(&w->pieces, &w->cursor, w->known_end, w->limit, &count)) {
		w->want = (struct sunspec_want){w->cursor, count};
		return true;
	}
	w->phase = PROBING;
	return false;
}

static bool begin_model(struct sunspec_walk *w)
{
	struct sunspec_found *m = &w->model;
	unsigned id = word(w, w->address);

	*m = (struct sunspec_found){.id = id,
	                            .instance = ++w->instances[id],
	                            .address = w->address,
	                            .length = word(w, w->address + 1)};
	m->model = sunspec_find(w->plan.set, id, &m->set);
	w->body_end = w->address + HEADER + m->length;
	w->cut = w->body_end > IMAGE_REGISTERS;
	if (w->cut)
		w->body_end = IMAGE_REGISTERS;
	w->next_header = !w->cut;
	w->rereads = 0;
	w->checked = 0;
	pieces_need(&w->pieces, w->address, HEADER);
	w->phase = w->plan.headers_only || !selected(w) ? FOUND : BODY;
	return false;
}

static bool heading(struct sunspec_walk *w)
{
	if (w->address >= IMAGE_REGISTERS)
		return end(w, SUNSPEC_UNREADABLE);
	if (!known(w, w->address))
		return ask(w, w->address, w->single ? 1 : HEADER);
	if (word(w, w->address) == END_ID)
		return end(w, SUNSPEC_CLEAN);
	if (!word(w, w->address))
		return end(w, SUNSPEC_ZERO);
	if (!known(w, w->address + 1)) {
		if (w->single || w->address + 1 >= IMAGE_REGISTERS)
			return end(w, SUNSPEC_UNREADABLE);
		return ask(w, w->address, HEADER);
	}
	w->single = false;
	return begin_model(w);
}

static unsigned missing_from(const struct sunspec_walk *w)
{
	unsigned from = w->address + HEADER;

	while (from < w->body_end && known(w, from))
		from++;
	return from;
}

static bool body(struct sunspec_walk *w)
{
	unsigned from = missing_from(w), to = w->body_end + (w->next_header ? HEADER : 0);

	if (from < w->body_end) {
		if (to > IMAGE_REGISTERS)
			to = IMAGE_REGISTERS;
		return ask(w, from,
		           pieces_count(&w->pieces, &w->model, from, w->body_end, to, w->limit));
	}
	w->model.readable = w->body_end - w->address - HEADER;
	w->phase = SCALES;
	return false;
}

/* Reads the body once more, without the next header, because a scale factor has changed. */
static void read_again(struct sunspec_walk *w)
{
	if (w->rereads++ >= REREADS)
		return;
	sunspec_image_forget(&w->pieces.image, w->address + HEADER,
	                     w->body_end - w->address - HEADER);
	w->checked = 0;
	w->next_header = false;
	w->phase = BODY;
}

/*
 * Values and scale factors came in different answers: a walk over a known chain accepts scale
 * factors that did not change since the last walk; a first walk reads them again. --fast skips
 * that.
 */
static bool scales(struct sunspec_walk *w)
{
	unsigned address = w->checked, count;
	bool changed, apart;

	apart = pieces_scales(&w->pieces, &w->model, &address, w->limit, &count, &changed);
	w->phase = FOUND;
	if (w->again && !w->rereads) {
		if (apart && changed)
			read_again(w);
		return false;
	}
	if (!apart || !count || w->plan.fast || w->rereads > REREADS)
		return false;
	w->checked = address + count;
	w->phase = SCALES;
	w->want = (struct sunspec_want){address, count};
	return true;
}

/* Continues after a model; true when the caller gets it. */
static bool found(struct sunspec_walk *w, struct sunspec_found *out)
{
	const struct sunspec_found *m = &w->model;
	bool told = w->plan.headers_only || (selected(w) && (!w->cut || m->readable));

	*out = *m;
	if (m->readable)
		pieces_model(&w->pieces, m, w->body_end);
	else
		pieces_skip(&w->pieces, m);
	if (w->cut) {
		end(w, SUNSPEC_CUT);
		return told;
	}
	w->address += HEADER + m->length;
	w->phase = HEADING;
	return told;
}

enum sunspec_step sunspec_walk_next(struct sunspec_walk *w, struct sunspec_want *want,
                                    struct sunspec_found *out)
{
	bool asks = false;

	while (!asks && w->phase != ENDED) {
		switch (w->phase) {
		case AGAIN: asks = reading_again(w); break;
		case PROBING: asks = probing(w); break;
		case HEADING: asks = heading(w); break;
		case BODY: asks = body(w); break;
		case SCALES: asks = scales(w); break;
		case FOUND:
			if (found(w, out))
				return SUNSPEC_MODEL;
			break;
		case ENDED: break;
		}
	}
	*want = w->want;
	return asks ? SUNSPEC_READ : SUNSPEC_END;
}

void sunspec_walk_answer(struct sunspec_walk *w, const uint16_t *words)
{
	bool changed = false;

	if (w->phase == SCALES)
		for (unsigned i = 0; i < w->want.count; i++)
			changed = changed || word(w, w->want.address + i) != words[i];
	else
		pieces_put(&w->pieces, w->want.address, w->want.count, words);
	if (w->want.count > w->proven)
		w->proven = w->want.count;
	if (changed)
		read_again(w);
}

/* Shortens the body to the part that the definition has for certain, if that is less. */
static bool cut_to_definition(struct sunspec_walk *w, unsigned from)
{
	const struct sunspec_found *m = &w->model;
	unsigned sure;

	if (!m->model)
		return false;
	sure = w->address + HEADER + sunspec_points_size(m->set, &m->set->groups[m->model->group]);
	if (sure >= w->body_end || sure <= from)
		return false;
	w->body_end = sure;
	return true;
}

static void body_refused(struct sunspec_walk *w)
{
	unsigned from = missing_from(w);

	w->cut = true;
	w->next_header = false;
	if (!cut_to_definition(w, from))
		w->body_end = from;
}

/* Exception 3 to a longer request than any before: the device may give fewer registers at once. */
static bool too_many(struct sunspec_walk *w, int exception)
{
	unsigned count = w->want.count;

	if (exception != ADU_ILLEGAL_VALUE)
		return false;
	if (count <= SMALLEST || count <= w->proven) {
		if (w->proven <= SMALLEST) /* so few registers cannot be too many */
			w->limit = SUNSPEC_READ_LIMIT;
		return false;
	}
	w->limit = count / 2 > w->proven ? count / 2 : w->proven;
	return true;
}

void sunspec_walk_refused(struct sunspec_walk *w, int exception)
{
	bool with_header = w->want.address + w->want.count > w->body_end;

	if (w->phase == SCALES) {
		w->phase = FOUND;
	} else if (w->further) {
		w->further = false;
		w->fast = false;
	} else if (w->phase == BODY && with_header) {
		w->next_header = false;
	} else if (too_many(w, exception)) {
		return;
	} else if (w->phase == AGAIN) {
		w->refused_again = true;
		w->again = false;
		w->phase = PROBING;
	} else if (w->phase == PROBING) {
		w->probe++;
		w->fast = w->plan.fast;
	} else if (w->phase == HEADING && w->want.count > 1 && !w->single) {
		w->single = true;
	} else if (w->phase == HEADING) {
		end(w, SUNSPEC_UNREADABLE);
	} else if (w->phase == BODY) {
		body_refused(w);
	}
}
