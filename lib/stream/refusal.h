/*
 * Why a stream refuses something that it framed: the classes that users see on stderr and in the
 * statistics, the same for every protocol.
 */
#ifndef STREAM_REFUSAL_H
#define STREAM_REFUSAL_H

enum refusal {
	REFUSED_NOT,         /* it is sound */
	REFUSED_CHECKSUM,    /* a checksum is wrong, or missing where one is required */
	REFUSED_TRUNCATED,   /* bytes, segments or blocks are missing */
	REFUSED_LENGTH,      /* lengths contradict each other or exceed a limit */
	REFUSED_WRONG_KEY,   /* no key for this meter, or the plain text makes no sense */
	REFUSED_AUTH_FAILED, /* the tag does not verify */
	REFUSED_REPLAY,      /* the frame counter did not rise */
	REFUSED_UNSUPPORTED, /* the format is known, but not supported */
	REFUSED_MALFORMED,   /* the bytes break the format */
	REFUSALS
};

/* "ok", "checksum", "wrong_key", ... */
const char *refusal_name(enum refusal refusal);

#endif
