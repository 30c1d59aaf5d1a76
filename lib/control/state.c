#include "control/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "io/replace.h"
#include "io/whole.h"

enum { STATE_SIZE = 16384 };

static const char settings_end[] = "end\n",
		  override_line[] = "override_limit=", order_line[] = "order_",
		  charger_line[] = "before_charger=", timeout_line[] = "before_timeout=",
		  fallback_line[] = "before_fallback=";

/* Chargers are kept by their worker thread, settings by the loop. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int state_load(const char *path, struct balance_settings *settings, int *unit,
               const struct balance_rules *rules, struct settings_place *place)
{
	char data[STATE_SIZE];
	size_t size;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error;

	*place = (struct settings_place){0};
	if (fd < 0)
		return errno == ENOENT ? 0 : EM_SYSTEM;
	error = read_whole(fd, data, sizeof data, &size) ? errno : 0;
	close(fd);
	errno = error;
	return error ? EM_SYSTEM : settings_read(settings, unit, data, size, rules, place);
}

static size_t line_length(const char *line)
{
	return strcspn(line, "\n") + (strchr(line, '\n') != NULL);
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* The file, "" when there is none. */
static int load(const char *path, struct text *out)
{
	int error = file_load(path, out, STATE_SIZE);

	if (error == EM_SYSTEM && errno == ENOENT)
		error = 0;
	text_string(out); /* ends it with NUL */
	return out->failed ? EM_NO_MEMORY : error;
}

static int replace(const char *path, const struct text *text)
{
	if (text->failed)
		return EM_NO_MEMORY;
	return text->length > STATE_SIZE
	               ? EM_RANGE
	               : file_replace(path, text->data, text->length, REPLACE_PRIVATE);
}

/* Takes the lock, and what the file holds now. */
static int begin_change(const char *path, struct text *old)
{
	pthread_mutex_lock(&lock);
	return load(path, old);
}

/* Writes the new text unless an error came before, and gives both texts and the lock back. */
static int end_change(const char *path, int error, struct text *old, struct text *changed)
{
	if (!error)
		error = replace(path, changed);
	pthread_mutex_unlock(&lock);
	text_free(old);
	text_free(changed);
	return error;
}

/* The part behind the settings, NULL when there are no settings. */
static const char *tail_of(const char *text)
{
	const char *end = strncmp(text, settings_end, sizeof settings_end - 1) == 0
	                          ? text
	                          : strstr(text, "\nend\n");

	return !end ? NULL : end + (*end == '\n') + sizeof settings_end - 1;
}

int state_save(const char *path, const struct balance_settings *settings, int unit)
{
	struct text old = {0}, text = {0};
	const char *tail;
	int error = begin_change(path, &old);

	tail = tail_of(text_string(&old));
	settings_text(&text, settings, unit);
	text_puts(&text, tail ? tail : "");
	return end_change(path, error, &old, &text);
}

/* The lines up to `end` without those that begin with that. */
static void add_lines(struct text *out, const char *line, const char *end, const char *without)
{
	for (; line < end; line += line_length(line))
		if (!begins(line, without))
			text_add(out, line, line_length(line));
}

/* An override in A stands among the settings, as the register table saves it. */
static void add_override(struct text *out, int32_t current)
{
	if (current < 0)
		return;
	text_puts(out, override_line);
	text_decimal(out, decimal_i64(current, -3));
	text_char(out, '\n');
}

/* That there is no override is kept, too: the command line may have one. */
static void add_orders(struct text *out, const struct orders *orders)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		int32_t value = orders->of[i];

		if (i == ORDER_OVERRIDE ? value >= 0 : value == orders_none().of[i])
			continue;
		text_printf(out, "%s%s=", order_line, order_names[i]);
		order_write(out, (enum order)i, value);
		text_char(out, '\n');
	}
}

int state_save_orders(const char *path, const struct orders *orders)
{
	struct text old = {0}, text = {0};
	const char *tail, *begin;
	int error = begin_change(path, &old);

	begin = text_string(&old);
	tail = tail_of(begin);
	if (tail)
		add_lines(&text, begin, tail - (sizeof settings_end - 1), override_line);
	add_override(&text, orders->of[ORDER_OVERRIDE]);
	text_puts(&text, settings_end);
	add_orders(&text, orders);
	if (tail)
		add_lines(&text, tail, tail + strlen(tail), order_line);
	return end_change(path, error, &old, &text);
}

/* `order_NAME=WORD` */
static int read_order(const char *line, struct orders *orders)
{
	const char *name = line + sizeof order_line - 1;
	size_t length = strcspn(name, "=\n"), size = strcspn(name, "\n");
	enum order order = order_named(name, length);

	if (order == ORDERS || length == size)
		return EM_UNKNOWN;
	return order_read(order, name + length + 1, size - length - 1, &orders->of[order])
	               ? EM_UNKNOWN
	               : 0;
}

int state_load_orders(const char *path, struct orders *orders)
{
	struct text text = {0};
	int error = load(path, &text), unknown = 0;
	const char *line = error ? NULL : tail_of(text_string(&text));

	for (; line && *line; line += line_length(line))
		if (begins(line, order_line) && read_order(line, orders))
			unknown = EM_UNKNOWN;
	text_free(&text);
	return error ? error : unknown;
}

/* Whether the line begins the part of that charger. */
static bool names(const char *line, const char *name)
{
	size_t length = strlen(name);
	const char *value = line + sizeof charger_line - 1;

	return begins(line, charger_line) && strncmp(value, name, length) == 0 &&
	       (value[length] == '\n' || !value[length]);
}

/* The part of a charger: from its first line to the first line of another one. */
static const char *part_of(const char *tail, const char *name, size_t *size)
{
	const char *end;

	while (*tail && !names(tail, name))
		tail += line_length(tail);
	end = tail + line_length(tail);
	while (*end && !begins(end, charger_line))
		end += line_length(end);
	*size = (size_t)(end - tail);
	return tail;
}

static bool read_number(const char *line, const char *key, struct decimal *out)
{
	const char *value = line + strlen(key);

	return begins(line, key) && !decimal_parse(out, value, strcspn(value, "\n"));
}

int state_load_before(const char *path, const char *name, struct charger_before *before)
{
	struct text text = {0};
	int error = load(path, &text);
	const char *line, *tail = tail_of(text_string(&text));
	size_t size;

	*before = (struct charger_before){0};
	if (!error && tail) {
		line = part_of(tail, name, &size);
		for (const char *end = line + size; line < end; line += line_length(line)) {
			before->has_timeout |= read_number(line, timeout_line, &before->timeout);
			before->has_fallback |= read_number(line, fallback_line, &before->fallback);
		}
	}
	text_free(&text);
	return error;
}

static void add_number(struct text *out, const char *key, bool known, struct decimal value)
{
	if (!known)
		return;
	text_puts(out, key);
	text_decimal(out, value);
	text_char(out, '\n');
}

static void write_part(struct text *out, const char *name, const struct charger_before *before)
{
	text_printf(out, "%s%s\n", charger_line, name);
	add_number(out, timeout_line, before->has_timeout, before->timeout);
	add_number(out, fallback_line, before->has_fallback, before->fallback);
}

/* The file with another part for the charger of that name. */
static void merge(struct text *out, const char *data, const char *name,
                  const struct charger_before *before)
{
	const char *tail = tail_of(data), *part;
	size_t size;

	if (tail) {
		part = part_of(tail, name, &size);
		text_add(out, data, (size_t)(part - data));
		text_puts(out, part + size);
	} else {
		text_puts(out, settings_end);
	}
	if (before)
		write_part(out, name, before);
}

int state_save_before(const char *path, const char *name, const struct charger_before *before)
{
	struct text old = {0}, text = {0};
	int error = begin_change(path, &old);

	merge(&text, text_string(&old), name, before);
	return end_change(path, error, &old, &text);
}
