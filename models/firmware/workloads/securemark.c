/* Cryptography: AES-128 in counter mode, SHA-256 and products of 256-bit numbers as elliptic curves
 * need them. Checked against FIPS 197 and FIPS 180-4 by the tests. */
#include "workload_base.h"

#define MESSAGE_BYTES 512
#define PRODUCTS      48

_Static_assert(sizeof(struct securemark_work) <= workload_securemark_work_bytes, "work_bytes");

static const uint8_t sbox[256] = {
    /* FIPS 197 figure 7 */
    0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76,
    0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0,
    0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15,
    0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75,
    0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0, 0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84,
    0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf,
    0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8,
    0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2,
    0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
    0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb,
    0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79,
    0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08,
    0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a,
    0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e, 0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e,
    0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf,
    0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16,
};

static const uint32_t sha_constants[64] = {
    /* FIPS 180-4 section 4.2.2 */
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint8_t twice(uint8_t x)
{
    return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0));
}

/* Eleven round keys of 16 bytes. */
WORKLOAD_APART static void expand_key(const uint8_t *key, uint8_t *keys)
{
    uint8_t constant = 1;
    for (int i = 0; i < 16; i++)
        keys[i] = key[i];
    for (int i = 16; i < 176; i += 4) {
        uint8_t t[4] = {keys[i - 4], keys[i - 3], keys[i - 2], keys[i - 1]};
        if (i % 16 == 0) {
            uint8_t first = t[0];
            t[0] = sbox[t[1]] ^ constant;
            t[1] = sbox[t[2]];
            t[2] = sbox[t[3]];
            t[3] = sbox[first];
            constant = twice(constant);
        }
        for (int j = 0; j < 4; j++)
            keys[i + j] = keys[i - 16 + j] ^ t[j];
    }
}

static void substitute_shift(const uint8_t *from, uint8_t *to)
{
    for (int c = 0; c < 4; c++) {
        for (int r = 0; r < 4; r++)
            to[4 * c + r] = sbox[from[4 * ((c + r) & 3) + r]];
    }
}

static void mix_columns(uint8_t *s)
{
    for (int c = 0; c < 16; c += 4) {
        uint8_t a = s[c], all = s[c] ^ s[c + 1] ^ s[c + 2] ^ s[c + 3];
        s[c] ^= all ^ twice(s[c] ^ s[c + 1]);
        s[c + 1] ^= all ^ twice(s[c + 1] ^ s[c + 2]);
        s[c + 2] ^= all ^ twice(s[c + 2] ^ s[c + 3]);
        s[c + 3] ^= all ^ twice(s[c + 3] ^ a);
    }
}

WORKLOAD_APART static void encrypt_block(const uint8_t *keys, const uint8_t *in, uint8_t *out)
{
    uint8_t state[16], shifted[16];
    for (int i = 0; i < 16; i++)
        state[i] = in[i] ^ keys[i];
    for (int round = 1; round <= 10; round++) {
        substitute_shift(state, shifted);
        if (round < 10)
            mix_columns(shifted);
        for (int i = 0; i < 16; i++)
            state[i] = shifted[i] ^ keys[16 * round + i];
    }
    for (int i = 0; i < 16; i++)
        out[i] = state[i];
}

WORKLOAD_APART static void encrypt(struct securemark_work *work)
{
    uint8_t counter[16] = {0}, stream[16];
    expand_key(work->key, work->round_keys);
    encrypt_block(work->round_keys, work->block, work->encrypted_block);
    for (uint32_t at = 0; at < MESSAGE_BYTES; at += 16) {
        counter[15] = (uint8_t)(at / 16);
        encrypt_block(work->round_keys, counter, stream);
        for (int i = 0; i < 16; i++)
            work->encrypted[at + (uint32_t)i] = work->message[at + (uint32_t)i] ^ stream[i];
    }
}

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t sha_function(const uint32_t s[8], uint32_t *upper)
{
    uint32_t a = s[0], e = s[4];
    uint32_t choose = (e & s[5]) ^ (~e & s[6]), most = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
    *upper = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + most;
    return s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choose;
}

WORKLOAD_APART static void hash_block(uint32_t *digest, const uint8_t *from)
{
    uint32_t w[64], s[8], upper;
    for (int i = 0; i < 16; i++, from += 4)
        w[i] = (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] +
               (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 8; i++)
        s[i] = digest[i];
    for (int i = 0; i < 64; i++) {
        uint32_t t = sha_function(s, &upper) + sha_constants[i] + w[i];
        for (int j = 7; j > 0; j--)
            s[j] = s[j - 1];
        s[4] += t;
        s[0] = t + upper;
    }
    for (int i = 0; i < 8; i++)
        digest[i] += s[i];
}

/* Of the message, whose length is a whole number of blocks. */
WORKLOAD_APART static void hash(struct securemark_work *work)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t padding[64] = {0x80};
    for (int i = 0; i < 8; i++)
        work->digest[i] = start[i];
    for (uint32_t at = 0; at < MESSAGE_BYTES; at += 64)
        hash_block(work->digest, work->message + at);
    padding[62] = (uint8_t)(MESSAGE_BYTES * 8 >> 8);
    padding[63] = (uint8_t)(MESSAGE_BYTES * 8);
    hash_block(work->digest, padding);
}

/* 256 x 256 bits, least significant word first. */
WORKLOAD_APART static void multiply(const uint32_t *a, const uint32_t *b, uint32_t *product)
{
    for (int i = 0; i < 16; i++)
        product[i] = 0;
    for (int i = 0; i < 8; i++) {
        uint32_t carry = 0;
        for (int j = 0; j < 8; j++) {
            uint64_t sum = (uint64_t)a[i] * b[j] + product[i + j] + carry;
            product[i + j] = (uint32_t)sum;
            carry = (uint32_t)(sum >> 32);
        }
        product[i + 8] = carry;
    }
}

static void fill_securemark(struct securemark_work *work)
{
    uint32_t seed = 1;
    for (int i = 0; i < MESSAGE_BYTES; i++)
        work->message[i] = (uint8_t)workload_random(&seed);
    for (int i = 0; i < 16; i++) {
        work->key[i] = (uint8_t)workload_random(&seed);
        work->block[i] = (uint8_t)workload_random(&seed);
    }
    for (int i = 0; i < 8; i++) {
        work->a[i] = workload_random(&seed);
        work->b[i] = workload_random(&seed);
    }
    work->ready = 1;
}

WORKLOAD_EXPORT int32_t workload_securemark(void *memory, uint32_t n, const uint32_t *table)
{
    struct securemark_work *work = memory;
    uint32_t sum = 0;
    (void)table;
    if (!work->ready)
        fill_securemark(work);
    for (; n; n--) {
        encrypt(work);
        hash(work);
        for (int i = 0; i < PRODUCTS; i++)
            multiply(work->a, work->b, work->product);
    }
    for (int i = 0; i < 8; i++)
        sum = sum * 31 + (work->digest[i] ^ work->product[i]);
    return (int32_t)(sum ^ work->encrypted[0]);
}
