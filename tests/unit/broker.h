/* A mosquitto broker on a free port, started and ended by the test. */
#ifndef TESTS_UNIT_BROKER_H
#define TESTS_UNIT_BROKER_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct broker {
	int port;
	pid_t pid;
	char directory[64];
};

static inline void nap(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static inline int broker_socket(struct sockaddr_in *address, int port)
{
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return socket(AF_INET, SOCK_STREAM, 0);
}

static inline int free_port(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof address;
	int fd = broker_socket(&address, 0);

	bind(fd, (struct sockaddr *)&address, sizeof address);
	getsockname(fd, (struct sockaddr *)&address, &size);
	close(fd);
	return ntohs(address.sin_port);
}

static inline int answers(int port)
{
	struct sockaddr_in address;
	int fd = broker_socket(&address, port);
	int status = connect(fd, (struct sockaddr *)&address, sizeof address);

	close(fd);
	return status == 0;
}

static inline void broker_start(struct broker *b)
{
	char path[96];

	snprintf(path, sizeof path, "%s/conf", b->directory);
	b->pid = fork();
	if (b->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
		if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
			_exit(127);
		execlp("mosquitto", "mosquitto", "-c", path, (char *)NULL);
		execl("/usr/sbin/mosquitto", "mosquitto", "-c", path, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 500 && !answers(b->port); i++)
		nap(10);
}

static inline void broker_stop(struct broker *b)
{
	kill(b->pid, SIGTERM);
	waitpid(b->pid, NULL, 0);
}

/* `more`: further lines of the configuration */
static inline void broker_new(struct broker *b, const char *more)
{
	char path[96];
	FILE *conf;

	strcpy(b->directory, "/tmp/emtool-broker-XXXXXX");
	if (!mkdtemp(b->directory))
		abort();
	b->port = free_port();
	snprintf(path, sizeof path, "%s/conf", b->directory);
	conf = fopen(path, "w");
	fprintf(conf,
	        "listener %d 127.0.0.1\npersistence true\npersistence_location %s/\n"
	        "max_queued_messages 100000\nlog_type none\nuser root\n%s",
	        b->port, b->directory, more);
	fclose(conf);
	broker_start(b);
}

static inline void broker_free(struct broker *b)
{
	char command[128];

	broker_stop(b);
	snprintf(command, sizeof command, "rm -rf '%s'", b->directory);
	if (system(command))
		abort();
}

#endif
