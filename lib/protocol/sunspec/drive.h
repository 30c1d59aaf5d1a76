/*
 * Drives a walk over the models of a device from beginning to end, for code that reads a device or
 * has an image.
 */
#ifndef PROTOCOL_SUNSPEC_DRIVE_H
#define PROTOCOL_SUNSPEC_DRIVE_H

#include "protocol/sunspec/walk.h"

struct sunspec_driver {
	/* Passes the registers, or the refusal, to the walk: 0, or the error that ends it early. */
	int (*fetch)(void *context, const struct sunspec_want *want);
	/* Takes a model: 0, or the error that ends the walk. */
	int (*found)(void *context, const struct sunspec_found *found);
	void *context;
};

/* Runs a walk to its end: 0, or the error of a function above. */
int sunspec_drive(struct sunspec_walk *walk, const struct sunspec_driver *driver);

/* Answers what the walk wants from an image, as a device with these registers would. */
void sunspec_answer_from(struct sunspec_walk *walk, const struct sunspec_want *want,
                         const struct sunspec_image *image);

#endif
