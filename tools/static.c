/*
 * Replaces the dynamic linker and the resolver in the static program (make static).
 *
 * glibc lets a static program open shared libraries, but loads a second C library for them. Tried
 * with glibc 2.36, the same version on both sides: libmodbus set a different errno variable than
 * ours, and getaddrinfo() crashed in our threads, because the second library had not set up the
 * tables of <ctype.h> there. A different version on the machine is unpredictable, and looking up
 * host names opens libraries too. So the static program does neither and reports an error: it does
 * not depend on the C library of the machine. The linker's --wrap replaces calls of the original
 * functions with calls of these.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/library.h"

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *restrict handle, const char *restrict name);
int __wrap_dlclose(void *handle);
int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
                       const struct addrinfo *restrict hints, struct addrinfo **restrict out);
void __wrap_freeaddrinfo(struct addrinfo *info);
const char *__wrap_gai_strerror(int error);
int __wrap_getpwuid_r(uid_t uid, struct passwd *restrict entry, char *restrict buffer, size_t size,
                      struct passwd **restrict result);

const char library_refusal[] = "this static emtool opens no libraries; the dynamic one does";

void *__wrap_dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

void *__wrap_dlsym(void *restrict handle, const char *restrict name)
{
	(void)handle;
	(void)name;
	return NULL;
}

int __wrap_dlclose(void *handle)
{
	(void)handle;
	return -1;
}

struct found {
	struct addrinfo info; /* first */
	struct sockaddr_storage address;
};

static const char *host_of(const char *node, const struct addrinfo *hints)
{
	bool any = hints->ai_flags & AI_PASSIVE;

	if (node && strcmp(node, "localhost"))
		return node;
	if (hints->ai_family == AF_INET6)
		return any && !node ? "::" : "::1";
	return any && !node ? "0.0.0.0" : "127.0.0.1";
}

/* Addresses in digits and `localhost`; the port is a number. */
int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
                       const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	struct found *found = calloc(1, sizeof *found);
	struct sockaddr_in *v4 = (struct sockaddr_in *)&found->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&found->address;
	const char *host = host_of(node, hints);
	in_port_t port = htons((uint16_t)atoi(service ? service : "0"));

	if (!found)
		return EAI_MEMORY;
	found->info = *hints;
	found->info.ai_addr = (struct sockaddr *)&found->address;
	if (hints->ai_family != AF_INET6 && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		found->info.ai_family = v4->sin_family = AF_INET;
		found->info.ai_addrlen = sizeof *v4;
		v4->sin_port = port;
	} else if (hints->ai_family != AF_INET && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		found->info.ai_family = v6->sin6_family = AF_INET6;
		found->info.ai_addrlen = sizeof *v6;
		v6->sin6_port = port;
	} else {
		free(found);
		return EAI_NONAME;
	}
	found->info.ai_next = NULL;
	*out = &found->info;
	return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

const char *__wrap_gai_strerror(int error)
{
	return error == EAI_MEMORY
	               ? "out of memory"
	               : "this static emtool cannot look up host names; use the address";
}

/* A function of libuv refers to it; emtool does not call that function. */
int __wrap_getpwuid_r(uid_t uid, struct passwd *restrict entry, char *restrict buffer, size_t size,
                      struct passwd **restrict result)
{
	(void)uid;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}
