/* Runs the command of that name or of the link that started the program, and checks stdout. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/error.h"
#include "base/news.h"
#include "base/version.h"
#include "cmd/session/options.h"
#include "cmd/session/say.h"

#define COMMAND(name) extern const struct command name##_command;
#include "cmd/commands.def"
#undef COMMAND

extern char **environ;

const struct command *const commands[] = {
#define COMMAND(name) &name##_command,
#include "cmd/commands.def"
#undef COMMAND
	NULL};

static void top_help(void)
{
	printf("usage: emtool [--help|--version] COMMAND [VERB] [OPTIONS] [ARGUMENTS]\n"
	       "Reads, decodes, decrypts, simulates and steers the energy devices of a house.\n\n"
	       "commands:\n");
	for (const struct command *const *c = commands; *c; c++)
		printf("  %-14s%s\n", (*c)->name, (*c)->summary);
	printf("\n'emtool COMMAND --help' lists its options, 'emtool help COMMAND' opens its man page.\n");
}

static int open_manual(int argc, char **argv)
{
	char page[64] = "emtool", name[] = "man";
	char *call[] = {name, page, NULL};
	int status = 0, error;
	pid_t man;

	if (argc > 2 && !command_find(commands, argv[2]))
		return say_usage("help: no command '%s'", argv[2]);
	if (argc > 2)
		snprintf(page, sizeof page, "emtool-%s", argv[2]);
	error = posix_spawnp(&man, "man", NULL, NULL, call, environ);
	signal(SIGINT, SIG_IGN); /* it belongs to the pager */
	signal(SIGQUIT, SIG_IGN);
	if (!error && waitpid(man, &status, 0) == man &&
	    !(WIFEXITED(status) && WEXITSTATUS(status)))
		return EXIT_OK;
	say_error("help: man: %s; 'emtool %s%s--help' is built in",
	          error ? strerror(error) : "it did not show the page", argc > 2 ? argv[2] : "",
	          argc > 2 ? " " : "");
	return EXIT_LOCAL;
}

static int dispatch(int argc, char **argv)
{
	const char *program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	const struct command *command;
	const char *near;

	if (!strncmp(program, "emtool-", 7)) {
		command = command_find(commands, program + 7);
		if (command)
			return command_call(command, command->name, argc, argv);
	}
	if (argc < 2)
		return say_usage("missing command");
	if (!strcmp(argv[1], "--help") || (!strcmp(argv[1], "help") && argc == 2)) {
		top_help();
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("emtool %s\n", version_text());
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "help"))
		return open_manual(argc, argv);
	command = command_find(commands, argv[1]);
	if (command)
		return command_call(command, command->name, argc - 1, argv + 1);
	near = nearest_command(commands, argv[1]);
	if (near)
		return say_usage("unknown command '%s', nearest is '%s'", argv[1], near);
	return say_usage("unknown command '%s'", argv[1]);
}

/* Writes what stdio still buffers; a full disk is a failure. */
static int check_stdout(int status)
{
	bool failed = ferror(stdout);

	if (fflush(stdout) || failed) {
		if (errno != EPIPE)
			say_error("standard output: %s", strerror(errno));
		return EXIT_LOCAL;
	}
	return status;
}

/* libuv calls abort() when its table of watched files cannot grow: prints why, then exits. */
static void *grow_table(void *old, size_t size)
{
	void *grown = realloc(old, size);

	if (!grown && size) {
		say_failure("event loop", EM_NO_MEMORY);
		exit(EXIT_LOCAL);
	}
	return grown;
}

/* Help and tables go out in one write, so that a failure leaves nothing or a prefix of them. */
static void prepare_stdout(void)
{
	static char buffer[1 << 16];

	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

/*
 * A standard descriptor that is closed would be that of the first file: its output or a message
 * would go into a database, and libuv aborts. Now using it fails as that of a closed one does.
 */
static void occupy_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
			say_error("/dev/null: %s", strerror(errno));
			exit(EXIT_LOCAL);
		}
}

int main(int argc, char **argv)
{
	occupy_descriptors();
	uv_replace_allocator(malloc, grow_table, calloc, free);
	prepare_stdout();
	signal(SIGPIPE, SIG_IGN); /* a write to a closed pipe returns an error instead */
	signal(SIGXFSZ, SIG_IGN); /* so does a write beyond the limit of a file's size */
	news_listen(say_news);
	return argc < 1 ? EXIT_USAGE : check_stdout(dispatch(argc, argv));
}
