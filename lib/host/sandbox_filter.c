/*
 * The seccomp filter: a list of system calls that fail with EPERM. Each entry costs one comparison
 * per system call; kernels from 5.11 on remember which calls are always allowed and skip the
 * filter.
 */
#define _GNU_SOURCE /* syscall */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/sandbox_private.h"

/* Other machines have no filter: the numbers of their system calls are different. */
#if defined(__x86_64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define FOREIGN 0x40000000 /* x32 */
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__LP64__) && defined(__AARCH64EL__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif
#ifndef FOREIGN
#define FOREIGN UINT32_MAX
#endif

#if defined(ARCHITECTURE) && defined(__NR_seccomp)
/* clang-format off */
static const uint16_t refused[] = {
	/* programs, listeners */
	__NR_execve, __NR_execveat, __NR_listen,
	/* other processes, the kernel itself */
	__NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_kcmp, __NR_perf_event_open,
	__NR_bpf, __NR_userfaultfd, __NR_keyctl, __NR_add_key, __NR_request_key, __NR_personality,
	__NR_syslog, __NR_open_by_handle_at,
	/* file systems, name spaces */
	__NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_unshare, __NR_setns, __NR_mknodat,
	__NR_quotactl,
	/* the machine */
	__NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_reboot,
	__NR_swapon, __NR_swapoff, __NR_acct, __NR_sethostname, __NR_setdomainname, __NR_settimeofday,
	__NR_vhangup,
#ifdef __NR_ioperm
	__NR_ioperm, __NR_iopl, __NR_modify_ldt,
#endif
#ifdef __NR_mknod
	__NR_mknod,
#endif
#ifdef __NR_kexec_file_load
	__NR_kexec_file_load,
#endif
#ifdef __NR_io_uring_setup /* io_uring: its requests bypass this filter */
	__NR_io_uring_setup,
#endif
#ifdef __NR_open_tree
	__NR_open_tree, __NR_move_mount, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick,
#endif
#ifdef __NR_mount_setattr
	__NR_mount_setattr,
#endif
#ifdef __NR_pidfd_getfd
	__NR_pidfd_getfd,
#endif
};
/* clang-format on */

/*
 * The C library of 32-bit x86 may listen with socketcall(), one call for everything about sockets.
 */
#ifdef __NR_socketcall
enum { LISTEN = 4, MULTIPLEXED = 3 };
#else
enum { MULTIPLEXED = 0 };
#endif
enum {
	COUNT = sizeof refused / sizeof refused[0],
	HEAD = 4,
	TAIL = HEAD + COUNT,
	ALLOW = TAIL + MULTIPLEXED,
	REFUSE,
	LENGTH,
};

static long install(struct sock_fprog *program, unsigned flags)
{
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

bool sandbox_filter(void)
{
	const uint8_t refuse = REFUSE -
	                       HEAD; /* instructions from the last one of the head to the refusal */
	struct sock_filter code[LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, refuse + 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN, refuse, 0),
	};
	struct sock_fprog program = {.len = LENGTH, .filter = code};
	unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;
	long status;

	for (unsigned i = 0; i < COUNT; i++)
		code[HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i],
		                                              (uint8_t)(refuse - 1 - i), 0);
#ifdef __NR_socketcall
	code[TAIL] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socketcall, 0, 2);
	code[TAIL + 1] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                              offsetof(struct seccomp_data, args));
	code[TAIL + 2] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LISTEN, 1, 0);
#endif
	code[ALLOW] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[REFUSE] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	/* Without this flag older kernels also disable speculative execution, which costs speed. */
	status = install(&program, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	if (status < 0 && errno == EINVAL)
		status = install(&program, flags);
	return status == 0;
}
#else
bool sandbox_filter(void)
{
	return false;
}
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

/* Only defined in programs that write coverage data when they end. */
extern void __gcov_init(void *) __attribute__((weak));
extern void llvm_gcov_init(void *, void *) __attribute__((weak));
extern int __llvm_profile_runtime __attribute__((weak));

const char *sandbox_obstacle(void)
{
#ifdef SANITIZED
	return "built with a sanitizer, which needs to look into the process";
#else
	return __gcov_init || llvm_gcov_init || &__llvm_profile_runtime
	               ? "built to measure coverage"
	               : NULL;
#endif
}
