/* The sandbox, each case in a child: there is no way back. Skipped where the kernel or build has none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/replace.h"
#include "host/sandbox.h"
#include "host/secret.h"

enum { ABSENT = 77 };

static char folder[] = "/tmp/emtool-sandbox-XXXXXX";

/* The child prints what failed; its exit code is 0, 1 or ABSENT. */
static void in_child(int (*test)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(test());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == ABSENT)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* clang-format off */
#define CHECK(condition)                             \
	do {                                         \
		if (!(condition)) {                  \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
			return 1;                    \
		}                                    \
	} while (0)
/* clang-format on */

static bool says(const char *words)
{
	return strstr(sandbox_text(), words) != NULL;
}

static bool can_write(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | flags, 0600);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int files(void)
{
	int before = open("elsewhere/opened", O_WRONLY | O_CREAT, 0600);
	struct sandbox s = {.files = {"here/log", "here/link", "here/pipe"}};

	sandbox_files(&s);
	if (!says("(Landlock)"))
		return ABSENT;
	CHECK(can_write("here/log", O_CREAT | O_APPEND));
	CHECK(can_write("here/log-wal", O_CREAT | O_TRUNC));
	CHECK(unlink("here/log-wal") == 0);
	CHECK(file_replace("here/log", "text", 4, REPLACE_PRIVATE) == 0);
	CHECK(can_write("here/link", O_APPEND)); /* leads to there/target */
	CHECK(can_write("there/target-wal", O_CREAT));
	CHECK(open("here/pipe", O_RDWR) >= 0);
	CHECK(can_write("/dev/null", 0));
	CHECK(write(before, "x", 1) == 1); /* what is open stays so */
	CHECK(!can_write("elsewhere/new", O_CREAT) && errno == EACCES);
	CHECK(!can_write("elsewhere/old", 0) && errno == EACCES);
	CHECK(unlink("elsewhere/old") && errno == EACCES);
	CHECK(mkdir("here/folder", 0700) && errno == EACCES);
	CHECK(symlink("a", "here/b") && errno == EACCES);
	CHECK(rename("here/log", "elsewhere/log"));
	CHECK(access("/etc/passwd", R_OK) == 0 && open("/etc/passwd", O_RDONLY) >= 0);
	return 0;
}

static int dangling(void)
{
	struct sandbox s = {.files = {"here/nowhere"}};

	sandbox_files(&s);
	CHECK(!says("(Landlock)"));
	CHECK(can_write("elsewhere/new", O_CREAT));
	return 0;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int refusals(void)
{
	char *const arguments[] = {"true", NULL};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(listen(fd, 1) < 0 && errno == EPERM);
	CHECK(execv("/bin/true", arguments) < 0 && (errno == EPERM || errno == EACCES));
	CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM);
	CHECK(chroot("/") < 0 && errno == EPERM);
	return 0;
}

/* A thread that was there before the filter. */
static void *early(void *status)
{
	pthread_mutex_lock(&lock);
	*(int *)status = refusals();
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int calls(void)
{
	int status = -1, listener = socket(AF_INET, SOCK_STREAM, 0), client;
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	pthread_t thread;

	CHECK(listen(listener, 1) == 0);
	pthread_mutex_lock(&lock);
	CHECK(pthread_create(&thread, NULL, early, &status) == 0);
	sandbox_files(&(struct sandbox){0});
	sandbox_calls();
	if (!says("(seccomp)") || says("(no seccomp)"))
		return ABSENT;
	pthread_mutex_unlock(&lock);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(status == 0);
	CHECK(refusals() == 0);
	/* a listener of before goes on, and one may still connect */
	CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(client, (struct sockaddr *)&address, size) == 0);
	CHECK(accept(listener, NULL, NULL) >= 0);
	return 0;
}

static int nothing(void)
{
	CHECK(!sandbox_text());
	sandbox_calls(); /* without the first step */
	CHECK(!sandbox_text());
	CHECK(listen(socket(AF_INET, SOCK_STREAM, 0), 1) == 0);
	sandbox_skip("because");
	sandbox_calls();
	CHECK(says("not confined: because"));
	return 0;
}

static int turned_off(void)
{
	setenv("EMTOOL_SANDBOX", "off", 1);
	sandbox_files(&(struct sandbox){0});
	sandbox_calls();
	CHECK(says("not confined: EMTOOL_SANDBOX"));
	CHECK(can_write("elsewhere/new", O_CREAT));
	return 0;
}

static void test_files(void **state)
{
	(void)state;
	in_child(files);
}

static void test_dangling(void **state)
{
	(void)state;
	in_child(dangling);
}

static void test_calls(void **state)
{
	(void)state;
	in_child(calls);
}

static void test_nothing(void **state)
{
	(void)state;
	in_child(nothing);
	in_child(turned_off);
}

/* No other program of the same user can read the memory of one that keeps a secret. */
static int hidden(void)
{
	int before = prctl(PR_GET_DUMPABLE);

	secret_hide();
	return before != 1 || prctl(PR_GET_DUMPABLE) != 0;
}

static void test_secrets(void **state)
{
	(void)state;
	in_child(hidden);
}

static int set_up(void **state)
{
	(void)state;
	unsetenv("EMTOOL_SANDBOX");
	return !mkdtemp(folder) || chdir(folder) || mkdir("here", 0700) || mkdir("there", 0700) ||
	       mkdir("elsewhere", 0700) || close(open("there/target", O_CREAT | O_WRONLY, 0600)) ||
	       close(open("elsewhere/old", O_CREAT | O_WRONLY, 0600)) ||
	       mkfifo("here/pipe", 0600) || symlink("../there/target", "here/link") ||
	       symlink("gone", "here/nowhere");
}

static int tear_down(void **state)
{
	static const char *const left[] = {"here/log",         "here/link",     "here/nowhere",
	                                   "here/pipe",        "here",          "there/target",
	                                   "there/target-wal", "there",         "elsewhere/opened",
	                                   "elsewhere/new",    "elsewhere/old", "elsewhere"};

	(void)state;
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
		remove(left[i]);
	return chdir("/") || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),  cmocka_unit_test(test_files),
		cmocka_unit_test(test_dangling), cmocka_unit_test(test_calls),
		cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
