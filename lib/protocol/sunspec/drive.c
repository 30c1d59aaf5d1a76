#include "protocol/sunspec/drive.h"

int sunspec_drive(struct sunspec_walk *walk, const struct sunspec_driver *driver)
{
	struct sunspec_found found;
	struct sunspec_want want;
	int error = 0;

	sunspec_walk_begin(walk);
	while (!error) {
		switch (sunspec_walk_next(walk, &want, &found)) {
		case SUNSPEC_READ: error = driver->fetch(driver->context, &want); break;
		case SUNSPEC_MODEL: error = driver->found(driver->context, &found); break;
		case SUNSPEC_END: return 0;
		}
	}
	return error;
}

void sunspec_answer_from(struct sunspec_walk *walk, const struct sunspec_want *want,
                         const struct sunspec_image *image)
{
	if (sunspec_image_has(image, want->address, want->count))
		sunspec_walk_answer(walk, image->words + want->address);
	else
		sunspec_walk_refused(walk, ADU_ILLEGAL_ADDRESS);
}
