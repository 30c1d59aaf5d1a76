#include <stdlib.h>

#include "api/api.h"

_Static_assert((int)EMTOOL_KEY_SIZE == GLO_KEY && (int)EMTOOL_TITLE_SIZE == GLO_TITLE,
               "keys and titles have their public sizes");

struct emtool_keys *emtool_keys_new(void)
{
	struct emtool_keys *keys = calloc(1, sizeof *keys);

	if (keys)
		keys->seals.keys = &keys->ring;
	return keys;
}

int emtool_keys_add(struct emtool_keys *keys, const uint8_t *title, const uint8_t *key,
                    const uint8_t *authentication)
{
	return glo_keyring_add(&keys->ring, title, key, authentication);
}

int emtool_keys_parse(struct emtool_keys *keys, const char *text, size_t size)
{
	unsigned line;

	return glo_keyring_parse(&keys->ring, text, size, &line);
}

void emtool_keys_rules(struct emtool_keys *keys, unsigned rules)
{
	keys->seals.require_authentication = rules & EMTOOL_KEYS_REQUIRE_AUTHENTICATION;
	keys->seals.accept_replay = rules & EMTOOL_KEYS_ACCEPT_REPLAY;
}

void emtool_keys_free(struct emtool_keys *keys)
{
	if (!keys)
		return;
	seals_free(&keys->seals);
	glo_keyring_free(&keys->ring);
	free(keys);
}
