#include <ctype.h>
#include <nettle/ctr.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "protocol/glo.h"
#include "protocol/glo_cipher.h"

void glo_cipher_stream(const struct glo_cipher *cipher, const uint8_t nonce[GCM_IV_SIZE],
                       uint8_t *out, const uint8_t *in, size_t n)
{
	uint8_t counter[AES_BLOCK_SIZE] = {0};

	memcpy(counter, nonce, GCM_IV_SIZE);
	counter[AES_BLOCK_SIZE - 1] = 2; /* 1 is kept for the tag */
	ctr_crypt(&cipher->gcm.cipher, (nettle_cipher_func *)aes128_encrypt, AES_BLOCK_SIZE,
	          counter, n, out, in);
}

/* Makes room for one more key; wipes the old memory, because it held keys. */
static int grow(struct glo_keyring *ring)
{
	size_t capacity = ring->capacity ? 2 * ring->capacity : 4;
	struct glo_key *keys = malloc(capacity * sizeof *keys);

	if (!keys)
		return EM_NO_MEMORY;
	if (ring->count) {
		memcpy(keys, ring->keys, ring->count * sizeof *keys);
		wipe(ring->keys, ring->count * sizeof *keys);
	}
	free(ring->keys);
	ring->keys = keys;
	ring->capacity = capacity;
	return 0;
}

int glo_keyring_add(struct glo_keyring *ring, const uint8_t *title, const uint8_t *key,
                    const uint8_t *authentication)
{
	struct glo_cipher *cipher = malloc(sizeof *cipher);
	struct glo_key *k;

	if (!cipher || (ring->count == ring->capacity && grow(ring))) {
		free(cipher);
		return EM_NO_MEMORY;
	}
	k = &ring->keys[ring->count++];
	*k = (struct glo_key){.cipher = cipher};
	gcm_aes128_set_key(&cipher->gcm, key);
	if (title) {
		memcpy(k->title, title, GLO_TITLE);
		k->has_title = true;
	}
	if (authentication) {
		memcpy(k->authentication, authentication, GLO_KEY);
		k->has_authentication = true;
	}
	return 0;
}

/* By title; keys without title come last. Of equal ones the first of the file stays first. */
static int compare(const void *a, const void *b)
{
	const struct glo_key *x = *(const struct glo_key *const *)a;
	const struct glo_key *y = *(const struct glo_key *const *)b;
	int order = (int)y->has_title - (int)x->has_title;

	if (!order)
		order = memcmp(x->title, y->title, GLO_TITLE);
	return order ? order : (x > y) - (x < y);
}

/* If memory is out, lookups search the whole ring. */
static void make_order(struct glo_keyring *ring)
{
	size_t size = sizeof(struct glo_key *); /* NOLINT(bugprone-sizeof-expression) */

	free(ring->order);
	ring->ordered = 0;
	ring->order = malloc(ring->count * size);
	if (!ring->order)
		return;
	for (size_t i = 0; i < ring->count; i++)
		ring->order[i] = &ring->keys[i];
	qsort(ring->order, ring->count, size, compare);
	ring->ordered = ring->count;
}

void glo_keyring_authentication(struct glo_keyring *ring, const uint8_t *authentication)
{
	for (size_t i = 0; i < ring->count; i++) {
		if (ring->keys[i].has_authentication)
			continue;
		memcpy(ring->keys[i].authentication, authentication, GLO_KEY);
		ring->keys[i].has_authentication = true;
	}
}

static const struct glo_key *find_ordered(const struct glo_keyring *ring, const uint8_t *title)
{
	const struct glo_key *general = NULL;
	size_t low = 0, high = ring->ordered;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct glo_key *k = ring->order[middle];

		if (k->has_title && memcmp(k->title, title, GLO_TITLE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ring->ordered && ring->order[low]->has_title &&
	    !memcmp(ring->order[low]->title, title, GLO_TITLE))
		return ring->order[low];
	for (size_t i = ring->ordered; i-- > 0 && !ring->order[i]->has_title;)
		general = ring->order[i];
	return general;
}

const struct glo_key *glo_keyring_find(const struct glo_keyring *ring, const struct glo *apdu)
{
	const struct glo_key *general = NULL;

	if (apdu->title_length && ring->count && ring->ordered == ring->count)
		return find_ordered(ring, apdu->title);
	for (size_t i = 0; i < ring->count; i++) {
		const struct glo_key *k = &ring->keys[i];

		if (!k->has_title)
			general = general ? general : k;
		else if (apdu->title_length && !memcmp(k->title, apdu->title, GLO_TITLE))
			return k;
	}
	return general;
}

void glo_keyring_free(struct glo_keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++) {
		wipe(ring->keys[i].cipher, sizeof *ring->keys[i].cipher);
		free(ring->keys[i].cipher);
	}
	if (ring->keys)
		wipe(ring->keys, ring->count * sizeof *ring->keys);
	free(ring->keys);
	free(ring->order);
	*ring = (struct glo_keyring){0};
}

int glo_key_read(uint8_t key[GLO_KEY], const char *text, size_t size)
{
	if (size == GLO_KEY) {
		memcpy(key, text, GLO_KEY);
		return 0;
	}
	for (; size && isspace((unsigned char)*text); text++)
		size--;
	while (size && isspace((unsigned char)text[size - 1]))
		size--;
	return hex_read(key, GLO_KEY, text, size);
}

/* The next word of a line; its size is 0 when there is none. */
static size_t next_word(const char **text, const char *end, const char **word)
{
	const char *p = *text;

	while (p < end && isspace((unsigned char)*p))
		p++;
	*word = p;
	while (p < end && !isspace((unsigned char)*p))
		p++;
	*text = p;
	return (size_t)(p - *word);
}

/* `KEY` or `TITLE KEY [AUTHKEY]`; the line may be empty. */
static int read_line(struct glo_keyring *ring, const char *text, const char *end)
{
	uint8_t title[GLO_TITLE], key[GLO_KEY], authentication[GLO_KEY];
	const char *word[4];
	size_t size[4];
	int error = 0;

	for (int i = 0; i < 4; i++)
		size[i] = next_word(&text, end, &word[i]);
	if (!size[0])
		return 0;
	if (!size[1]) {
		error = hex_read(key, GLO_KEY, word[0], size[0]);
		if (!error)
			error = glo_keyring_add(ring, NULL, key, NULL);
	} else {
		if (size[3] || hex_read(title, GLO_TITLE, word[0], size[0]) ||
		    hex_read(key, GLO_KEY, word[1], size[1]) ||
		    (size[2] && hex_read(authentication, GLO_KEY, word[2], size[2])))
			error = EM_SYNTAX;
		if (!error)
			error = glo_keyring_add(ring, title, key, size[2] ? authentication : NULL);
	}
	wipe(key, sizeof key);
	wipe(authentication, sizeof authentication);
	return error;
}

int glo_keyring_parse(struct glo_keyring *ring, const char *text, size_t size, unsigned *line)
{
	struct csv_lines lines = csv_lines(text, size);
	size_t before = ring->count;
	struct csv_text row;
	int error = 0;

	*line = 1;
	if (size == GLO_KEY)
		return glo_keyring_add(ring, NULL, (const uint8_t *)text, NULL);
	while (!error && csv_line(&lines, &row)) {
		const char *comment = memchr(row.data, '#', row.length);

		error = read_line(ring, row.data, comment ? comment : row.data + row.length);
		*line = lines.number;
	}
	if (!error && ring->count == before)
		error = EM_SYNTAX;
	if (!error)
		make_order(ring);
	return error;
}
