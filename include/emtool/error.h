/*
 * Errors of function calls. A function that can fail returns 0 or one of these, all of them
 * negative. Wrong data from a device is not an error: the decoder reports it as an event
 * (decoder.h).
 */
#ifndef EMTOOL_ERROR_H
#define EMTOOL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum emtool_error {
	EMTOOL_OK = 0,
	EMTOOL_NO_MEMORY = -1,
	EMTOOL_SYNTAX = -3, /* a text from the caller has the wrong form */
	EMTOOL_RANGE = -4,  /* a number or length is outside its bounds */
	EMTOOL_UNKNOWN = -5 /* the name is unknown */
};

/* A few English words for an error, never NULL; a constant string. */
const char *emtool_error_text(int error);

#ifdef __cplusplus
}
#endif

#endif
