/*
 * Declarations shared by the files that implement the public interface (include/emtool). Public
 * records and values are the library's internal ones under another name. A decoder begins with a
 * struct emtool_decoder: the functions of its kind and the caller's events. The data of its kind
 * follows.
 */
#ifndef API_API_H
#define API_API_H

#include "emtool/emtool.h"
#include "record/record.h"
#include "stream/refusal.h"
#include "stream/seal.h"

struct emtool_keys {
	struct glo_keyring ring;
	struct seals seals;
};

struct api_kind {
	int (*feed)(struct emtool_decoder *d, const uint8_t *data, size_t size, instant time);
	int (*idle)(struct emtool_decoder *d);
	int (*end)(struct emtool_decoder *d);
	struct emtool_counts (*counts)(struct emtool_decoder *d);
	void (*free)(struct emtool_decoder *d);
};

struct emtool_decoder {
	const struct api_kind *kind;
	struct emtool_events events;
};

static inline const struct record *api_inner(const struct emtool_record *r)
{
	return (const struct record *)r;
}

/* These call the caller's functions. */
void api_record(struct emtool_decoder *d, const struct record *r);
void api_refused(struct emtool_decoder *d, enum refusal refusal, const char *text);

#endif
