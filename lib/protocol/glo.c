#include "protocol/glo.h"

#include <nettle/gcm.h>
#include <nettle/memops.h>
#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "protocol/glo_cipher.h"

enum { COUNTER = 4, CONTROL = 1, BLOCK = GCM_BLOCK_SIZE, LENGTH_BYTES = 4, LIMIT = 1 << 24 };

static const uint8_t usual_key[GLO_KEY] = {
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
};

/* A BER length of up to four bytes, non-minimal forms included: meters send 82 00 E7. */
static int read_length(struct reader *r, size_t *length)
{
	uint8_t first = reader_u8(r);
	size_t n = first;

	if (first & 0x80) {
		if (first == 0x80 || (first & 0x7F) > LENGTH_BYTES)
			return EM_RANGE;
		n = 0;
		for (unsigned i = first & 0x7F; i > 0; i--)
			n = n << 8 | reader_u8(r);
	}
	if (n > LIMIT)
		return EM_RANGE;
	*length = n;
	return r->bad ? EM_TRUNCATED : 0;
}

int glo_parse(struct glo *apdu, const uint8_t *data, size_t size)
{
	struct reader r = reader_make(data, size);
	const uint8_t *title;
	size_t length, least;
	uint8_t tag;
	int error;

	*apdu = (struct glo){0};
	tag = reader_u8(&r);
	if (tag != GLO_TAG && tag != GLO_DED_TAG)
		return r.bad ? EM_TRUNCATED : EM_SYNTAX;
	apdu->title_length = reader_u8(&r);
	if (apdu->title_length != GLO_TITLE && apdu->title_length != 0)
		return EM_RANGE;
	title = reader_bytes(&r, apdu->title_length);
	if (r.bad)
		return EM_TRUNCATED;
	memcpy(apdu->title, title, apdu->title_length);
	error = read_length(&r, &length);
	if (error)
		return error;
	apdu->total = r.position + length;
	apdu->control = reader_peek(&r);
	least = CONTROL + COUNTER;
	if (length < least)
		return EM_RANGE;
	if (!reader_left(&r))
		return EM_TRUNCATED;
	if (apdu->control & GLO_AUTHENTICATED)
		least += GLO_TAG_SIZE;
	if (length < least)
		return EM_RANGE;
	if (reader_left(&r) < length)
		return EM_TRUNCATED;
	reader_u8(&r);
	apdu->counter = reader_u32be(&r);
	apdu->body_length = length - least;
	apdu->body = reader_bytes(&r, apdu->body_length);
	if (apdu->control & GLO_AUTHENTICATED)
		apdu->tag = reader_bytes(&r, GLO_TAG_SIZE);
	return 0;
}

static void make_nonce(uint8_t nonce[GCM_IV_SIZE], const uint8_t *title, uint32_t counter)
{
	memcpy(nonce, title, GLO_TITLE);
	for (int i = 0; i < COUNTER; i++)
		nonce[GLO_TITLE + i] = (uint8_t)(counter >> (24 - 8 * i));
}

/*
 * Hashes control || authentication key || body. Every piece except the last must consist of whole
 * blocks, so bytes of the body fill up the first 17 bytes.
 */
static void hash_aad(struct glo_cipher *c, uint8_t control, const uint8_t *authentication,
                     const uint8_t *body, size_t size)
{
	uint8_t head[2 * BLOCK];
	size_t rest = 2 * BLOCK - (CONTROL + GLO_KEY);

	if (rest > size)
		rest = size;
	head[0] = control;
	memcpy(head + CONTROL, authentication, GLO_KEY);
	if (rest)
		memcpy(head + CONTROL + GLO_KEY, body, rest);
	gcm_aes128_update(&c->gcm, CONTROL + GLO_KEY + rest, head);
	if (size > rest)
		gcm_aes128_update(&c->gcm, size - rest, body + rest);
}

/*
 * Decrypts (or copies) the body and returns whether the tag verifies; without a key the AAD is
 * empty.
 */
static bool try_key(const struct glo *apdu, struct glo_cipher *c, const uint8_t *authentication,
                    uint8_t *plain)
{
	bool encrypted = apdu->control & GLO_ENCRYPTED;
	uint8_t nonce[GCM_IV_SIZE], tag[GLO_TAG_SIZE];

	make_nonce(nonce, apdu->title, apdu->counter);
	gcm_aes128_set_iv(&c->gcm, sizeof nonce, nonce);
	if (authentication)
		hash_aad(c, apdu->control, authentication, apdu->body,
		         encrypted ? 0 : apdu->body_length);
	if (encrypted)
		gcm_aes128_decrypt(&c->gcm, apdu->body_length, plain, apdu->body);
	gcm_aes128_digest(&c->gcm, sizeof tag, tag);
	return memeql_sec(tag, apdu->tag, sizeof tag) != 0;
}

static bool verify(const struct glo *apdu, const struct glo_key *key, uint8_t *plain)
{
	if (key->has_authentication)
		return try_key(apdu, key->cipher, key->authentication, plain);
	return try_key(apdu, key->cipher, usual_key, plain) ||
	       ((apdu->control & GLO_ENCRYPTED) && try_key(apdu, key->cipher, NULL, plain));
}

enum glo_verdict glo_open(const struct glo *apdu, const struct glo_key *key, glo_gate *gate,
                          uint8_t *plain, bool *authenticated)
{
	bool encrypted = apdu->control & GLO_ENCRYPTED;
	uint8_t nonce[GCM_IV_SIZE];

	*authenticated = false;
	if ((apdu->control & GLO_COMPRESSED) || (apdu->control & 0x0F) > 1)
		return GLO_UNSUPPORTED;
	if (!encrypted && apdu->body_length)
		memcpy(plain, apdu->body, apdu->body_length);
	if (!key)
		return encrypted || apdu->tag ? GLO_WRONG_KEY : GLO_OK;
	if (apdu->tag) {
		*authenticated = verify(apdu, key, plain);
	} else if (encrypted) {
		make_nonce(nonce, apdu->title, apdu->counter);
		glo_cipher_stream(key->cipher, nonce, plain, apdu->body, apdu->body_length);
	}
	if (*authenticated)
		return GLO_OK;
	if (gate && !gate(plain, apdu->body_length))
		return GLO_WRONG_KEY;
	return apdu->tag && key->has_authentication ? GLO_AUTH_FAILED : GLO_OK;
}

static size_t put_length(uint8_t *out, size_t length)
{
	size_t n = 0;

	if (length >= 0x100) {
		out[n++] = 0x82;
		out[n++] = (uint8_t)(length >> 8);
	} else if (length >= 0x80) {
		out[n++] = 0x81;
	}
	out[n++] = (uint8_t)length;
	return n;
}

size_t glo_seal(uint8_t *out, const struct glo_key *key, uint8_t control,
                const uint8_t title[GLO_TITLE], uint32_t counter, const uint8_t *plain, size_t n)
{
	size_t tag = control & GLO_AUTHENTICATED ? GLO_TAG_SIZE : 0, at = 0;
	bool encrypted = control & GLO_ENCRYPTED;
	struct glo_cipher *c = key->cipher;
	uint8_t nonce[GCM_IV_SIZE];

	make_nonce(nonce, title, counter);
	out[at++] = GLO_TAG;
	out[at++] = GLO_TITLE;
	memcpy(out + at, title, GLO_TITLE);
	at += GLO_TITLE;
	at += put_length(out + at, CONTROL + COUNTER + n + tag);
	out[at++] = control;
	memcpy(out + at, nonce + GLO_TITLE, COUNTER);
	at += COUNTER;
	gcm_aes128_set_iv(&c->gcm, sizeof nonce, nonce);
	if (tag)
		hash_aad(c, control, key->has_authentication ? key->authentication : usual_key,
		         plain, encrypted ? 0 : n);
	if (encrypted)
		gcm_aes128_encrypt(&c->gcm, n, out + at, plain);
	else if (n)
		memcpy(out + at, plain, n);
	if (tag)
		gcm_aes128_digest(&c->gcm, tag, out + at + n);
	return at + n + tag;
}
