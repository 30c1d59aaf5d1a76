/*
 * Errors of function calls. A function that can fail returns 0 or one of these, all of them negative.
 * That a device sent something wrong is no error but an event (decoder.h).
 */
#ifndef EMTOOL_ERROR_H
#define EMTOOL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum emtool_error {
	EMTOOL_OK = 0,
	EMTOOL_NO_MEMORY = -1,
	EMTOOL_SYNTAX = -3, /* a text of the caller does not have the form it must have */
	EMTOOL_RANGE = -4,  /* a number or length is outside its bounds */
	EMTOOL_UNKNOWN = -5 /* nothing has this name */
};

/* A few English words for an error, never NULL; a constant string. */
const char *emtool_error_text(int error);

#ifdef __cplusplus
}
#endif

#endif
