#define _GNU_SOURCE /* syscall, O_PATH */
#include "host/sandbox.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/sandbox_private.h"

/* For older headers without Landlock: its numbers on nearly all machines. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

enum { ASK_VERSION = 1, PATH_BENEATH = 1 };
enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_CHAR = 1 << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	MAKE_FIFO = 1 << 10,
	MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12,
	TRUNCATE = 1 << 14,
	REFUSED = EXECUTE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR | MAKE_DIR |
	          MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK | MAKE_SYM,
	IN_FILES = WRITE_FILE | TRUNCATE,
	IN_FOLDERS = IN_FILES | REMOVE_FILE | MAKE_REG
};

struct ruleset_attributes {
	uint64_t handled;
};

struct rule_attributes {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

static struct {
	bool asked, files, calls;
	const char *reason;
} state;

void sandbox_skip(const char *reason)
{
	state.asked = true;
	state.reason = reason;
}

struct rules {
	int fd;
	uint64_t handled;
};

/* False for a path that cannot be opened, or that Landlock has no rule for (a pipe). */
static bool allow(const struct rules *rules, const char *path, unsigned rights)
{
	struct rule_attributes rule = {.fd = open(path, O_PATH | O_CLOEXEC)};
	struct stat about;
	bool done;

	if (rule.fd < 0 || fstat(rule.fd, &about)) {
		if (rule.fd >= 0)
			close(rule.fd);
		return false;
	}
	rule.allowed = rights & rules->handled & (S_ISDIR(about.st_mode) ? IN_FOLDERS : IN_FILES);
	done = !syscall(__NR_landlock_add_rule, rules->fd, PATH_BENEATH, &rule, 0);
	close(rule.fd);
	return done;
}

static bool allow_folder_of(const struct rules *rules, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";

	if (slash && snprintf(folder, sizeof folder, "%.*s",
	                      slash == path ? 1 : (int)(slash - path), path) >= (int)sizeof folder)
		return false;
	return allow(rules, folder, IN_FOLDERS);
}

/*
 * Allows the file and its folder, because the program may create it, replace it by a new file, or
 * write a journal beside it; for a symbolic link also those of the target. False in case of doubt.
 */
static bool allow_file(const struct rules *rules, const char *path)
{
	struct stat about;
	char *real;
	bool good;

	if (stat(path, &about)) /* it does not exist, and is no broken link either */
		return lstat(path, &about) && allow_folder_of(rules, path);
	if (!S_ISREG(about.st_mode)) {
		allow(rules, path, IN_FILES); /* a pipe needs no rule */
		return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6) ||
		       allow_folder_of(rules, path);
	}
	real = realpath(path, NULL);
	good = real && allow(rules, path, IN_FILES) && allow_folder_of(rules, real);
	free(real);
	return good && (!strncmp(path, "/dev/", 5) || allow_folder_of(rules, path));
}

static bool allow_all(const struct rules *rules, const struct sandbox *s)
{
	static const char *const variables[] = {"SQLITE_TMPDIR", "TMPDIR"};
	bool good = true;

	allow(rules, "/dev/null", IN_FILES);
	allow(rules, "/dev/tty", IN_FILES);
	if (s->devices)
		good = allow(rules, "/dev", WRITE_FILE);
	for (size_t i = 0; i < 2 && s->scratch; i++)
		if (getenv(variables[i]))
			allow(rules, getenv(variables[i]), IN_FOLDERS);
	if (s->scratch) {
		allow(rules, "/var/tmp", IN_FOLDERS);
		allow(rules, "/tmp", IN_FOLDERS);
	}
	for (size_t i = 0; i < SANDBOX_FILES && good; i++)
		good = !s->files[i] || allow_file(rules, s->files[i]);
	return good;
}

static bool restrict_files(const struct sandbox *s)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	struct ruleset_attributes attributes = {.handled = REFUSED | (version >= 3 ? TRUNCATE : 0)};
	struct rules rules = {.handled = attributes.handled};
	bool good;

	if (version < 1)
		return false;
	rules.fd = (int)syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (rules.fd < 0)
		return false;
	good = allow_all(&rules, s) && !syscall(__NR_landlock_restrict_self, rules.fd, 0);
	close(rules.fd);
	return good;
}

void sandbox_files(const struct sandbox *s)
{
	const char *variable = getenv("EMTOOL_SANDBOX");

	state.asked = true;
	state.reason = sandbox_obstacle();
	if (variable && !strcmp(variable, "off"))
		state.reason = "EMTOOL_SANDBOX is off";
	if (state.reason)
		return;
	state.reason = "the kernel has neither Landlock nor seccomp, or does not let us";
	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		state.reason = NULL;
		state.files = restrict_files(s);
	}
}

void sandbox_calls(void)
{
	if (state.asked && !state.reason && !state.calls)
		state.calls = sandbox_filter();
}

const char *sandbox_text(void)
{
	static char text[200];

	if (!state.asked)
		return NULL;
	if (!state.files && !state.calls)
		snprintf(text, sizeof text, "not confined: %s",
		         state.reason ? state.reason
		                      : "the kernel has neither Landlock nor seccomp");
	else
		snprintf(text, sizeof text, "confined: %s, %s",
		         state.files ? "files are written only where told (Landlock)"
		                     : "files are not protected (no Landlock)",
		         state.calls ? "no programs, no further listeners (seccomp)"
		                     : "system calls are free (no seccomp)");
	return text;
}
