/* The functions that the shim calls when there is no sanitizer: for the program built with gcov. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

void *__interceptor_malloc(size_t n);
void *__interceptor_calloc(size_t n, size_t size);
void *__interceptor_realloc(void *old, size_t n);
int __interceptor_posix_memalign(void **out, size_t alignment, size_t n);
int __interceptor_pthread_create(pthread_t *out, const pthread_attr_t *a, void *(*run)(void *),
                                 void *argument);
void __sanitizer_print_stack_trace(void);

void *__interceptor_malloc(size_t n)
{
	return __libc_malloc(n);
}

void *__interceptor_calloc(size_t n, size_t size)
{
	return __libc_calloc(n, size);
}

void *__interceptor_realloc(void *old, size_t n)
{
	return __libc_realloc(old, n);
}

int __interceptor_posix_memalign(void **out, size_t alignment, size_t n)
{
	*out = __libc_memalign(alignment, n);
	return *out ? 0 : ENOMEM;
}

int __interceptor_pthread_create(pthread_t *out, const pthread_attr_t *a, void *(*run)(void *),
                                 void *argument)
{
	int (*behind)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	*(void **)&behind = dlsym(RTLD_NEXT, "pthread_create");
	return behind(out, a, run, argument);
}

void __sanitizer_print_stack_trace(void)
{
}
