/*
 * The version of emtool. The Makefile passes it to version.c only, so that a new version compiles
 * one file again.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

/* "0.1.0"; a constant string */
const char *version_text(void);

#endif
