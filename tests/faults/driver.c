/*
 * Makes every call of a command fail in turn. The program is linked with the shim and with this in
 * front of its main(); without FAULTS in the environment it is emtool as ever. With
 *
 *     FAULTS=all emtool sniff hex:...     every call of every class, alone and with all that follow,
 *                                         then signals and small pieces; but only some of the many
 *                                         pieces of memory that SQLite asks for
 *     FAULTS=40 emtool sniff hex:...      of each class at most 40 calls, the first and some later ones
 *     FAULTS=memory:17 emtool sniff ...   only that call, with its stack, output as ever
 *     FAULTS=memory:17+ emtool sniff ...  that call and all later ones
 *
 * the command runs first undisturbed, then once for each fault, each in a process of its own. What
 * must hold: no signal, no report of a sanitizer, no leak; an exit code of the documented ones with
 * one line on stderr, and on stdout a beginning of the right output, in whole lines. A fault that did
 * no harm may leave exit 0, but then the output is the same to the byte.
 *
 * FAULTS_CHECK is a shell command that runs after each: it prints what was written elsewhere, and takes
 * it away. The same is demanded of that. FAULTS_LOOSE=1: the output has no lines, or the program may
 * say more than one line on its way to success, as "trying again". FAULTS_PARTIAL=1: a device that is
 * lost for good (exit 1) leaves what was read of it, with null for the rest. FAULTS_STATE=1: what was
 * written elsewhere are metrics. FAULTS_LIVE=1: a controller in real time, whose output is never the
 * same twice and that tells each trouble when it comes: neither output nor number of lines is judged,
 * but that any other exit code comes with a line. With FAULTS=still a simulator's clock stands still,
 * as that of all the above does.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FOREIGN = 300,
	PATIENCE = 30 /* s */,
	SANITIZER = 86 /* exit code of its reports */,
	SHOWN = 8
};

#define QUOTED(name) #name,
static const char *const class_names[] = {FAULT_CLASSES(QUOTED)};

struct output {
	char *data; /* with a NUL behind it */
	size_t size;
};

struct outcome {
	int status; /* as waitpid() has it */
	struct output out, err, checked;
};

struct command {
	int argc;
	char **argv;
	struct outcome good;
	long runs, wrong;
};

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

#define SANITIZER_OPTIONS "exitcode=86:allocator_may_return_null=1:detect_stack_use_after_return=0"
const char *__asan_default_options(void);
const char *__lsan_default_options(void);

const char *__asan_default_options(void)
{
	return SANITIZER_OPTIONS;
}

const char *__lsan_default_options(void)
{
	return "exitcode=86:print_suppressions=0";
}

static struct output whole(int fd)
{
	struct output o = {.size = (size_t)lseek(fd, 0, SEEK_END)};

	o.data = calloc(1, o.size + 1);
	if (!o.data || pread(fd, o.data, o.size, 0) != (ssize_t)o.size)
		abort();
	close(fd);
	return o;
}

static struct output check(void)
{
	const char *command = getenv("FAULTS_CHECK");
	int fd = memfd_create("checked", 0);
	pid_t pid = command ? fork() : -1;

	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return whole(fd);
}

static void run(const struct command *c, struct outcome *o)
{
	int out = memfd_create("out", 0), err = memfd_create("err", 0);
	pid_t pid;

	fflush(stdout); /* not once more by the child */
	pid = fork();
	if (pid == 0) {
		int status;

		dup2(out, STDOUT_FILENO);
		if (!faults->trace)
			dup2(err, STDERR_FILENO);
		close(out);
		close(err);
		alarm(PATIENCE);
		faults_on = true;
		status = __real_main(c->argc, c->argv);
		faults_on = false;
		exit(status);
	}
	if (pid < 0 || waitpid(pid, &o->status, 0) < 0)
		abort();
	o->out = whole(out);
	o->err = whole(err);
	o->checked = check();
}

static void drop(struct outcome *o)
{
	free(o->out.data);
	free(o->err.data);
	free(o->checked.data);
}

static int lines(const char *text)
{
	int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static bool same(const struct output *a, const struct output *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* What is wrong with the output of a command that failed: it may only end too early. */
static const char *judge_output(const struct output *good, const struct output *o)
{
	if (o->size > good->size || memcmp(o->data, good->data, o->size))
		return "invented output";
	if (o->size && o->data[o->size - 1] != '\n' && faults->which != FAULT_write &&
	    !getenv("FAULTS_LOOSE"))
		return same(good, o) ? NULL : "half a line";
	return NULL;
}

/* Metrics are a state: of fewer records, perhaps, but each line up to its value is a right one. */
static const char *judge_state(const struct output *good, const struct output *o)
{
	for (const char *line = o->data, *end; *line; line = end + 1) {
		const char *found = good->data;
		size_t name;

		end = strchr(line, '\n');
		if (!end)
			return "half a line";
		for (name = (size_t)(end - line); name && line[name - 1] != ' ';)
			name--;
		while (found && strncmp(found, line, name))
			found = strchr(found, '\n') ? strchr(found, '\n') + 1 : NULL;
		if (!found)
			return "invented output";
	}
	return NULL;
}

/* Only lines of emtool's own on stderr: else a library or a sanitizer spoke. */
static bool foreign_words(const char *err)
{
	for (const char *line = err; *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, "emtool: ", 8))
			return true;
		if (!strchr(line, '\n'))
			return true;
	}
	return false;
}

/* What is wrong with a controller, or NULL. */
static const char *judge_live(const struct outcome *good, const struct outcome *o)
{
	int code = WEXITSTATUS(o->status);

	if (o->status == good->status)
		return NULL;
	if (code < 1 || code > 6)
		return "undocumented exit code";
	return *o->err.data || faults->which == FAULT_write ? NULL : "failure without a line";
}

/* What is wrong with it, or NULL. */
static const char *judge(const struct outcome *good, const struct outcome *o)
{
	int code = WEXITSTATUS(o->status), said = lines(o->err.data) - lines(good->err.data);
	const char *wrong;

	if (WIFSIGNALED(o->status))
		return WTERMSIG(o->status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(o->status));
	if (code == SANITIZER)
		return "sanitizer";
	if (foreign_words(o->err.data))
		return "foreign words on stderr";
	if (getenv("FAULTS_LIVE"))
		return judge_live(good, o);
	if (o->status == good->status) {
		if (!same(&good->out, &o->out) || !same(&good->checked, &o->checked))
			return "same exit code, other output";
		return said > 1 && !getenv("FAULTS_LOOSE") ? "success with more than one line"
		                                           : NULL;
	}
	if (code < 1 || code > 6)
		return "undocumented exit code";
	if (lines(o->err.data) > lines(good->err.data) + 1)
		return "more than one line on stderr";
	if (!lines(o->err.data) && faults->which != FAULT_write)
		return "failure without a line";
	if (code == 1 && getenv("FAULTS_PARTIAL"))
		return NULL;
	wrong = judge_output(&good->out, &o->out);
	if (wrong)
		return wrong;
	return getenv("FAULTS_STATE") ? judge_state(&good->checked, &o->checked)
	                              : judge_output(&good->checked, &o->checked);
}

static void tell(struct command *c, const char *fault, const char *wrong, const struct outcome *o)
{
	if (++c->wrong > SHOWN && !getenv("FAULTS_VERBOSE"))
		return;
	printf("  %s: %s: exit %d", fault, wrong, WEXITSTATUS(o->status));
	if (WIFSIGNALED(o->status))
		printf(" signal %d", WTERMSIG(o->status));
	printf("\n%.1600s%s", o->err.data, lines(o->err.data) || !o->err.size ? "" : "\n");
	if (strstr(wrong, "output") || strstr(wrong, "half"))
		printf("  stdout ends in: %s\n  file ends in: %s\n",
		       o->out.data + (o->out.size > 200 ? o->out.size - 200 : 0),
		       o->checked.data + (o->checked.size > 200 ? o->checked.size - 200 : 0));
}

/* One fault; whether it happened at all. */
static bool try(struct command *c, const char *name)
{
	struct outcome o;
	const char *wrong;
	bool fired;

	atomic_store(&faults->fired, false);
	faults->piped = false;
	for (int i = 0; i < FAULT_CLASS_COUNT; i++)
		atomic_store(&faults->calls[i], 0);
	run(c, &o);
	c->runs++;
	fired = atomic_load(&faults->fired) || faults->mode == FAULT_COUNT;
	wrong = judge(&c->good, &o);
	if (!wrong && faults->mode == FAULT_COUNT && o.status != c->good.status &&
	    !getenv("FAULTS_LIVE"))
		wrong = "fails";
	if (wrong)
		tell(c, name, wrong, &o);
	drop(&o);
	return fired;
}

/* All calls of a class, or `limit` of them: half are the first ones, the others spread out. */
static void try_class(struct command *c, enum fault_class which, long total, long limit, bool on)
{
	char name[64];
	long n = 1;

	faults->mode = on ? FAULT_FROM_THEN_ON : FAULT_ONCE;
	faults->which = which;
	for (;; n++) {
		if (limit && n > limit / 2 && total > limit)
			n += (total - limit / 2) / (limit - limit / 2);
		faults->nth = n;
		snprintf(name, sizeof name, "%s:%ld%s", class_names[which], n, on ? "+" : "");
		if (!try(c, name) || (limit && n >= total))
			return;
	}
}

static void try_pieces(struct command *c)
{
	faults->mode = FAULT_COUNT;
	faults->interrupted = true;
	try(c, "interrupted");
	faults->small = true;
	try(c, "interrupted, small");
	faults->interrupted = false;
	try(c, "small");
	faults->small = false;
}

static int try_all(struct command *c, long limit)
{
	long calls[FAULT_CLASS_COUNT];

	faults->mode = FAULT_COUNT;
	run(c, &c->good);
	for (int i = 0; i < FAULT_CLASS_COUNT; i++)
		calls[i] = atomic_load(&faults->calls[i]);
	if (!WIFEXITED(c->good.status) || WEXITSTATUS(c->good.status) == SANITIZER) {
		tell(c, "undisturbed", "fails", &c->good);
		return 1;
	}
	for (int i = 0; i < FAULT_CLASS_COUNT; i++) {
		long most = !limit && i == FAULT_foreign ? FOREIGN : limit;

		try_class(c, (enum fault_class)i, calls[i], most, false);
		if (!limit)
			try_class(c, (enum fault_class)i, calls[i], most, true);
	}
	try_pieces(c);
	printf("%s %ld runs, %ld wrong:", getenv("FAULTS_NAME"), c->runs, c->wrong);
	for (int i = 0; i < FAULT_CLASS_COUNT; i++)
		if (calls[i])
			printf(" %s %ld", class_names[i], calls[i]);
	printf("\n");
	return c->wrong != 0;
}

/* The program with one fault, in the foreground. */
static int try_one(struct command *c, const char *what)
{
	size_t length = strcspn(what, ":");

	faults->trace = true;
	faults->mode = FAULT_COUNT;
	faults->interrupted = strstr(what, "interrupted") != NULL;
	faults->small = strstr(what, "small") != NULL;
	for (int i = 0; i < FAULT_CLASS_COUNT; i++) {
		if (strlen(class_names[i]) == length && !strncmp(class_names[i], what, length)) {
			faults->which = (enum fault_class)i;
			faults->nth = strtol(what + length + 1, NULL, 10);
			faults->mode = strchr(what, '+') ? FAULT_FROM_THEN_ON : FAULT_ONCE;
		}
	}
	run(c, &c->good);
	fwrite(c->good.out.data, 1, c->good.out.size, stdout);
	printf("exit %d\n", WIFSIGNALED(c->good.status) ? 128 + WTERMSIG(c->good.status)
	                                                : WEXITSTATUS(c->good.status));
	return 0;
}

int __wrap_main(int argc, char **argv)
{
	const char *what = getenv("FAULTS");
	struct command c = {.argc = argc, .argv = argv};
	int status;

	if (!what)
		return __real_main(argc, argv);
	faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	if (faults == MAP_FAILED)
		return 1;
	unsetenv("FAULTS");
	if (!strcmp(what, "still")) {
		faults_still = true;
		return __real_main(argc, argv);
	}
	if (!strcmp(what, "all") || isdigit((unsigned char)*what))
		status = try_all(&c, strtol(what, NULL, 10));
	else
		status = try_one(&c, what);
	drop(&c.good);
	return status;
}
