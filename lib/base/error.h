/*
 * Error codes of the library. A library function that can fail returns 0 or one of these; it never
 * exits and never prints. error_text() gives the words; the caller adds where it happened.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum em_error {
	EM_OK = 0,
	EM_NO_MEMORY = -1,
	EM_SYSTEM = -2,    /* a system call failed, errno tells which way */
	EM_SYNTAX = -3,    /* a text does not have the form it must have */
	EM_RANGE = -4,     /* a number or length is outside its bounds */
	EM_UNKNOWN = -5,   /* a name or code is not known */
	EM_TRUNCATED = -6, /* input ends too early */
	EM_CHECKSUM = -7,
	EM_UNREACHABLE = -8, /* a peer cannot be connected to */
	EM_CLOSED = -9,      /* the peer closed the connection */
	EM_TIMEOUT = -10,    /* no answer within the time allowed */
	EM_EXCEPTION = -11,  /* the device answered with a Modbus exception */
	EM_PROTOCOL = -12,   /* the answer breaks the protocol or belongs to another request */
	EM_UNSUPPORTED = -13,
	EM_CANCELLED = -14,
	EM_DENIED = -15 /* a peer refused the user, password or key */
};

/* A few English words for a code, never NULL. */
const char *error_text(int error);

#endif
