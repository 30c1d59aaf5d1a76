/*
 * General-glo-ciphering APDUs (DLMS Green Book 9.2.7, AES-128-GCM with a 96-bit tag), as meters
 * push them over M-Bus, HDLC and P1:
 *
 *     DB | title length, title | length | control | counter (4) | body | tag (12)
 *
 * DF, general-ded-ciphering, has the same form. `length` counts everything after itself. Control:
 * bits 0-3 suite, 4 authenticated, 5 encrypted, 6 broadcast key, 7 compressed. The nonce is title
 * || counter; a meter that sends no title uses eight zero bytes. The tag covers control ||
 * authentication key (and the body, when it is plain).
 *
 * An APDU points into the caller's bytes. A keyring owns its keys and wipes them when it is freed.
 */
#ifndef PROTOCOL_GLO_H
#define PROTOCOL_GLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GLO_TAG = 0xDB, GLO_DED_TAG = 0xDF };
enum { GLO_KEY = 16, GLO_TITLE = 8, GLO_TAG_SIZE = 12, GLO_HEAD = 20 };
enum {
	GLO_AUTHENTICATED = 0x10,
	GLO_ENCRYPTED = 0x20,
	GLO_BROADCAST = 0x40,
	GLO_COMPRESSED = 0x80
};

enum glo_verdict {
	GLO_OK,
	GLO_WRONG_KEY,   /* the plain text makes no sense, or no key is known for this title */
	GLO_AUTH_FAILED, /* the plain text makes sense, but the tag does not verify */
	GLO_UNSUPPORTED  /* compressed, or a suite other than AES-128 */
};

struct glo {
	uint8_t title[GLO_TITLE]; /* zeros when none was sent */
	uint8_t title_length;     /* 8 or 0 */
	uint8_t control;
	uint32_t counter;
	const uint8_t *body, *tag; /* tag is NULL when there is none */
	size_t body_length;
	size_t total; /* bytes of the whole APDU, known as soon as the length field is */
};

/*
 * Reads an APDU from its DB on. 0; EM_TRUNCATED when bytes are missing (`total` is then the size of
 * the whole, or 0 when even that is not known); EM_SYNTAX when this is no such APDU; EM_RANGE when
 * the lengths contradict each other.
 */
int glo_parse(struct glo *apdu, const uint8_t *data, size_t size);

struct glo_cipher; /* expanded keys */

struct glo_key {
	uint8_t title[GLO_TITLE];
	bool has_title, has_authentication;
	uint8_t authentication[GLO_KEY];
	struct glo_cipher *cipher;
};

struct glo_keyring {
	struct glo_key *keys;
	size_t count, capacity;
	const struct glo_key **order; /* by title, made when a file has been read */
	size_t ordered;               /* how many of the keys it has: all, or it is out of date */
};

/*
 * Adds the keys of a file: 16 bytes, 32 hexadecimal digits, or lines `TITLE KEY [AUTHKEY]` in
 * hexadecimal; `#` begins a comment. EM_SYNTAX sets *line to the number of the wrong line.
 */
int glo_keyring_parse(struct glo_keyring *ring, const char *text, size_t size, unsigned *line);

/* Adds one key; title and authentication key may be NULL. */
int glo_keyring_add(struct glo_keyring *ring, const uint8_t *title, const uint8_t *key,
                    const uint8_t *authentication);

/* Sets the authentication key of all keys that have none of their own. */
void glo_keyring_authentication(struct glo_keyring *ring, const uint8_t *authentication);

/* One key from 16 bytes or 32 hexadecimal digits with white space around; EM_SYNTAX. */
int glo_key_read(uint8_t key[GLO_KEY], const char *text, size_t size);

/* The key of a title, else the one without title, else NULL. */
const struct glo_key *glo_keyring_find(const struct glo_keyring *ring, const struct glo *apdu);

void glo_keyring_free(struct glo_keyring *ring);

/* Whether bytes look like the plain text that the caller expects. */
typedef bool glo_gate(const uint8_t *plain, size_t size);

/*
 * Decrypts into plain[body_length] and verifies the tag. Without an authentication key it tries the
 * usual one (00112233..FF) and an empty AAD; if neither verifies the tag, *authenticated is false
 * and the caller decides. The plain text is valid only with GLO_OK. `key` may be NULL.
 */
enum glo_verdict glo_open(const struct glo *apdu, const struct glo_key *key, glo_gate *gate,
                          uint8_t *plain, bool *authenticated);

/*
 * The sending side: writes header, body and tag into out[n + GLO_HEAD + GLO_TAG_SIZE]. `control`
 * says how the body is protected. The authentication key is the key's own or the usual one. Returns
 * the size.
 */
size_t glo_seal(uint8_t *out, const struct glo_key *key, uint8_t control,
                const uint8_t title[GLO_TITLE], uint32_t counter, const uint8_t *plain, size_t n);

#endif
