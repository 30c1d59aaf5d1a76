/* The live view on a terminal. It draws frames of the table and writes the changed lines only. */
#include "output/live.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "io/terminal.h"
#include "io/wait.h"
#include "output/format.h"

enum {
	FRAME = 100,  /* ms between frames with new values */
	IDLE = 1000,  /* and without */
	STOPPED = 300 /* ms after which a terminal that takes nothing counts as stopped */
};

struct live {
	struct live_config config;
	struct loop *loop;
	struct terminal *terminal;
	struct live_table table;
	uv_timer_t timer;
	atomic_bool news;                /* something new since the last frame */
	uint64_t drawn;                  /* when the last frame was */
	size_t top;                      /* first visible line of the table */
	size_t page;                     /* lines of the table that fit */
	struct text body, frame, before; /* before: the frame that is on the screen */
	pthread_mutex_t lock;            /* of the message, which comes from any thread */
	struct text message;
	struct text
		rest; /* bytes that the terminal has not taken yet; no frame is drawn meanwhile */
	int failure, reason;
};

static uint64_t now_of(struct live *l)
{
	uv_update_time(loop_uv(l->loop));
	return uv_now(loop_uv(l->loop));
}

/* A line of so many columns with `text` on the left and `right` at its end. */
static void put_line(struct text *out, const struct live *l, const struct text *left,
                     const struct text *right, size_t width, enum ink ink)
{
	const struct style *style = &l->config.style;
	size_t used, taken = text_columns(right->data, right->length);

	text_ink(out, style, ink);
	used = live_put(out, left->data, left->length, width > taken + 2 ? width - taken - 2 : 0,
	                false, l->config.ascii);
	text_ink(out, style, INK_PLAIN);
	if (taken && used + taken <= width) {
		text_fill(out, ' ', width - used - taken);
		text_ink(out, style, INK_DIM);
		text_add(out, right->data, right->length);
		text_ink(out, style, INK_PLAIN);
	}
	text_char(out, '\n');
}

static void put_title(struct live *l, size_t width)
{
	struct text left = {0}, right = {0};
	time_t seconds = time(NULL);
	struct tm local;

	text_puts(&left, l->config.title);
	text_printf(&right, "%llu record%s", (unsigned long long)l->table.records,
	            l->table.records == 1 ? "" : "s");
	if (localtime_r(&seconds, &local))
		text_printf(&right, "   %02d:%02d:%02d", local.tm_hour, local.tm_min, local.tm_sec);
	put_line(&l->frame, l, &left, &right, width, INK_BOLD);
	text_char(&l->frame, '\n');
	text_free(&left);
	text_free(&right);
}

static void put_footer(struct live *l, size_t width, size_t lines)
{
	struct text left = {0}, right = {0};

	if (terminal_has_keys(l->terminal))
		text_puts(&left, lines <= l->page  ? "q quit"
		                 : l->config.ascii ? "q quit   up/down scroll"
		                                   : "q quit   ↑↓ PgUp PgDn scroll");
	if (lines > l->page)
		text_printf(&right, "lines %zu-%zu of %zu", l->top + 1,
		            l->top + l->page < lines ? l->top + l->page : lines, lines);
	pthread_mutex_lock(&l->lock);
	if (l->message.length)
		put_line(&l->frame, l, &l->message, &right, width, INK_YELLOW);
	else
		put_line(&l->frame, l, &left, &right, width, INK_DIM);
	pthread_mutex_unlock(&l->lock);
	text_free(&left);
	text_free(&right);
}

static size_t count_lines(const struct text *t)
{
	size_t lines = 0;

	for (size_t i = 0; i < t->length; i++)
		lines += t->data[i] == '\n';
	return lines;
}

/* The visible lines of the table, and blank lines below them. */
static void put_window(struct live *l, size_t lines)
{
	size_t line = 0, shown = 0, at = 0;

	if (l->top + l->page > lines)
		l->top = lines > l->page ? lines - l->page : 0;
	for (; at < l->body.length && shown < l->page; line++) {
		const char *end = memchr(l->body.data + at, '\n', l->body.length - at);
		size_t length = (size_t)(end - (l->body.data + at)) + 1;

		if (line >= l->top) {
			text_add(&l->frame, l->body.data + at, length);
			shown++;
		}
		at += length;
	}
	for (; shown < l->page; shown++)
		text_char(&l->frame, '\n');
}

/* Sends the rest as far as the terminal takes it. 0 or EM_SYSTEM. */
static int send_rest(struct live *l)
{
	size_t sent = 0;
	ssize_t n = 1;

	while (sent < l->rest.length && n > 0) {
		n = write(terminal_output(l->terminal), l->rest.data + sent, l->rest.length - sent);
		sent += n > 0 ? (size_t)n : 0;
		if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (sent)
		memmove(l->rest.data, l->rest.data + sent, l->rest.length - sent);
	l->rest.length -= sent;
	return n < 0 && errno != EAGAIN ? EM_SYSTEM : 0;
}

static int send_text(struct live *l, const char *data, size_t length)
{
	text_add(&l->rest, data, length);
	return l->rest.failed ? EM_NO_MEMORY : send_rest(l);
}

/* Waits for a terminal that is slow, but not for one that is stopped (Ctrl-S). 0 or EM_SYSTEM. */
static int finish(struct live *l)
{
	int error = send_rest(l);

	while (!error && l->rest.length &&
	       !wait_ready(terminal_output(l->terminal), POLLOUT, wait_clock() + STOPPED, NULL))
		error = send_rest(l);
	l->rest.length = 0;
	return error;
}

/* Does not write lines that are on the screen already, so a slow connection suffices. */
static int put_changes(struct live *l)
{
	struct text out = {0};
	size_t at = 0, old = 0, line = 1;
	int error;

	for (; at < l->frame.length; line++) {
		const char *data = l->frame.data + at;
		size_t length = (size_t)((char *)memchr(data, '\n', l->frame.length - at) - data);
		const char *was = l->before.length > old ? l->before.data + old : NULL;
		size_t had = was ? (size_t)((char *)memchr(was, '\n', l->before.length - old) - was)
		                 : 0;

		if (!was || had != length || memcmp(was, data, length) != 0) {
			text_printf(&out, "\033[%zu;1H", line);
			text_add(&out, data, length);
			text_puts(&out, "\033[K");
		}
		at += length + 1;
		old += was ? had + 1 : 0;
	}
	error = out.failed ? EM_NO_MEMORY : send_text(l, out.data, out.length);
	text_free(&out);
	return error;
}

static int draw(struct live *l)
{
	struct live_look look = {
		.title = l->config.title, .style = l->config.style, .ascii = l->config.ascii};
	size_t rows, columns, lines;
	struct text swap;
	int error;

	if (!terminal_active(l->terminal))
		return 0;
	error = send_rest(l);
	if (error || l->rest.length)
		return error;
	terminal_size(l->terminal, &rows, &columns);
	columns -= columns > 1; /* erasing after a full line would erase its last character */
	look.width = columns;
	l->page = rows > 4 ? rows - 3 : 1;
	l->body.length = l->frame.length = 0;
	live_draw(&l->body, &l->table, &look, now_of(l));
	if (!l->table.count)
		text_puts(&l->body, "no record yet\n");
	lines = count_lines(&l->body);
	put_title(l, columns);
	put_window(l, lines);
	put_footer(l, columns, lines);
	error = l->body.failed || l->frame.failed ? EM_NO_MEMORY : put_changes(l);
	swap = l->before;
	l->before = l->frame;
	l->frame = swap;
	l->drawn = now_of(l);
	l->news = false;
	return error;
}

static void on_timer(uv_timer_t *timer)
{
	struct live *l = timer->data;
	bool retaken = terminal_retake(l->terminal);

	if (retaken)
		l->before.length = 0;
	if (!l->failure && (retaken || now_of(l) - l->drawn >= (l->news ? FRAME : IDLE))) {
		l->failure = draw(l);
		l->reason = errno;
	}
}

static void on_redraw(void *context)
{
	struct live *l = context;

	l->before.length = 0;
	if (!l->failure && terminal_active(l->terminal)) {
		l->news = true;
		l->failure = send_text(l, "\033[H\033[2J", 7);
		l->failure = l->failure ? l->failure : draw(l);
		l->reason = errno;
	}
}

static void on_key(void *context, enum terminal_key key)
{
	struct live *l = context;
	size_t step = l->page > 1 ? l->page - 1 : 1;

	switch (key) {
	case KEY_QUIT: loop_expire(l->loop); return;
	case KEY_UP: l->top -= l->top > 0; break;
	case KEY_DOWN: l->top++; break;
	case KEY_PAGE_UP: l->top -= l->top < step ? l->top : step; break;
	case KEY_PAGE_DOWN: l->top += step; break;
	case KEY_HOME: l->top = 0; break;
	case KEY_END: l->top = SIZE_MAX / 2; break;
	}
	l->failure = l->failure ? l->failure : draw(l);
}

void live_message(struct output *output, const char *line)
{
	struct live *l = output->state;

	pthread_mutex_lock(&l->lock);
	l->message.length = 0;
	text_puts(&l->message, line);
	pthread_mutex_unlock(&l->lock);
	l->news = true;
}

static int live_write(struct output *output, const struct record *r)
{
	struct live *l = output->state;

	l->news = true;
	return live_take(&l->table, r, uv_now(loop_uv(l->loop)));
}

static int live_flush(struct output *output)
{
	struct live *l = output->state;

	if (!l->failure && l->news && now_of(l) - l->drawn >= FRAME)
		return draw(l);
	errno = l->reason;
	return l->failure;
}

/* Prints the whole last table on the normal screen. */
static int put_last(struct live *l)
{
	struct live_look look = {
		.title = l->config.title, .style = l->config.style, .ascii = l->config.ascii};
	size_t rows;
	int error;

	terminal_size(l->terminal, &rows, &look.width);
	l->body.length = 0;
	live_draw(&l->body, &l->table, &look, now_of(l));
	if (l->body.failed)
		return EM_NO_MEMORY;
	error = send_text(l, l->body.data, l->body.length);
	return error ? error : finish(l);
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static int live_close(struct output *output)
{
	struct live *l = output->state;
	int error = l->failure, last;

	finish(l);
	terminal_close(l->terminal);
	last = error ? 0 : put_last(l);
	error = error ? error : last;
	if (l->config.owned && close(l->config.fd) && !error)
		error = EM_SYSTEM;
	live_free(&l->table);
	text_free(&l->body);
	text_free(&l->frame);
	text_free(&l->before);
	text_free(&l->message);
	pthread_mutex_destroy(&l->lock);
	text_free(&l->rest);
	uv_close((uv_handle_t *)&l->timer, on_closed);
	return error;
}

struct output *output_live(struct loop *loop, const struct live_config *config)
{
	static const struct output_kind kind = {live_write, live_flush, live_close};
	struct output *output = calloc(1, sizeof *output);
	struct live *l = calloc(1, sizeof *l);
	struct terminal_events events = {on_redraw, on_key, l};

	if (l) {
		l->config = *config;
		l->loop = loop;
		l->terminal = terminal_open(loop, config->fd, &events);
	}
	if (!output || !l || !l->terminal) {
		if (l && l->terminal)
			terminal_close(l->terminal);
		free(l);
		free(output);
		return NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	uv_timer_init(loop_uv(loop), &l->timer);
	l->timer.data = l;
	uv_timer_start(&l->timer, on_timer, FRAME, FRAME);
	uv_unref((uv_handle_t *)&l->timer);
	*output = (struct output){.kind = &kind, .name = config->name, .state = l};
	draw(l);
	return output;
}
