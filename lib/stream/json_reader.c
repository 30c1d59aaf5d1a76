#include "stream/json_reader.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "protocol/json_reading.h"

struct json_reader {
	struct json_events events;
	struct record record;
	struct text object; /* as much of one as has come */
	unsigned depth;     /* of its braces, 0: between objects */
	bool string, escaped;
	bool junk; /* something else stood on this line */
	uint64_t refused;
	int error;
};

struct json_reader *json_reader_new(const struct json_events *events)
{
	struct json_reader *r = calloc(1, sizeof *r);

	if (r)
		r->events = *events;
	return r;
}

void json_reader_free(struct json_reader *r)
{
	if (!r)
		return;
	record_free(&r->record);
	text_free(&r->object);
	free(r);
}

static void refuse(struct json_reader *r, enum refusal refusal, const char *text)
{
	r->refused++;
	r->events.refused(r->events.context, refusal, text);
}

static void take(struct json_reader *r)
{
	switch (json_reading(&r->record, r->object.data, r->object.length)) {
	case 0: r->events.record(r->events.context, &r->record); break;
	case EM_NO_MEMORY: r->error = EM_NO_MEMORY; break;
	case EM_UNKNOWN:
		refuse(r, REFUSED_UNSUPPORTED, "the JSON object tells no current and no power");
		break;
	default: refuse(r, REFUSED_MALFORMED, "no JSON object");
	}
}

/* A line or message ends: whatever is incomplete is lost. */
static void end_line(struct json_reader *r)
{
	if (r->depth || r->junk)
		refuse(r, REFUSED_MALFORMED, "no JSON object");
	json_reader_cut(r);
}

/* A byte of an object: braces in strings do not count. */
static void follow(struct json_reader *r, char c)
{
	if (r->escaped)
		r->escaped = false;
	else if (c == '\\')
		r->escaped = r->string;
	else if (c == '"')
		r->string = !r->string;
	else if (!r->string)
		r->depth = c == '{' ? r->depth + 1 : r->depth - (c == '}');
}

static void take_byte(struct json_reader *r, char c)
{
	if (!r->depth && c != '{') {
		r->junk = r->junk || !strchr(" \t\r", c) || !c;
		return;
	}
	text_char(&r->object, c);
	follow(r, c);
	if (r->object.failed)
		r->error = EM_NO_MEMORY;
	else if (r->object.length > JSON_LINE)
		refuse(r, REFUSED_LENGTH, "a JSON object of more than 64 KiB");
	else if (r->depth)
		return;
	else
		take(r);
	json_reader_cut(r);
}

int json_reader_feed(struct json_reader *r, const uint8_t *data, size_t size, bool whole)
{
	if (whole)
		json_reader_cut(r);
	for (size_t i = 0; i < size && !r->error; i++) {
		if (data[i] != '\n')
			take_byte(r, (char)data[i]);
		else if (!whole)
			end_line(r);
	}
	if (whole)
		end_line(r);
	return r->error;
}

int json_reader_end(struct json_reader *r)
{
	end_line(r);
	return r->error;
}

void json_reader_cut(struct json_reader *r)
{
	r->object.length = r->depth = 0;
	r->object.failed = r->string = r->escaped = r->junk = false;
}

uint64_t json_reader_refused(const struct json_reader *r)
{
	return r->refused;
}
