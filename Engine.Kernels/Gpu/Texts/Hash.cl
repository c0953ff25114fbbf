/* Leaves of a tensor and the tree over them, as Engine/Commitments/PlainHasher.cs defines them: for each suite the digests of leaves of 1 KiB, and the
   digest over each 256 that follow each other, which a few launches repeat up to the tree hash. A digest is 8 words in memory order.
   tag: what the text of a hash begins with, done already. SHA-256: the state after the block of tensor leaf, then the state after that of tensor node.
   BLAKE3: the key of tensor tree. Sources: FIPS 180-4, section 6.2; O'Connor and others, "BLAKE3: one function, fast everywhere", 2020, section 2. */

#define LEAF_BYTES 1024
#define BLOCK_BYTES 64
/* A call would have its arrays in memory. */
#define INLINE static inline __attribute__((always_inline))

INLINE uint swapped(uint x)
{
    return (x << 24) | ((x & 0xff00u) << 8) | ((x >> 8) & 0xff00u) | (x >> 24);
}

/* A whole block of a message. */
INLINE void load_block(__global const uint4 *at, uint *w)
{
    uint4 a = at[0], b = at[1], c = at[2], d = at[3];
    w[0] = a.x; w[1] = a.y; w[2] = a.z; w[3] = a.w;
    w[4] = b.x; w[5] = b.y; w[6] = b.z; w[7] = b.w;
    w[8] = c.x; w[9] = c.y; w[10] = c.z; w[11] = c.w;
    w[12] = d.x; w[13] = d.y; w[14] = d.z; w[15] = d.w;
}

/* A block of which the message has some bytes only, or none: behind them a mark, then zeros. The words move up, so that each has a fixed place. */
INLINE void load_tail(__global const uchar *at, int bytes, uint mark, uint *w)
{
    for (int from = 0; from < BLOCK_BYTES; from += 4)
    {
        uint word = 0;
        for (int i = 3; i >= 0; i--)
            word = (word << 8) | (from + i < bytes ? at[from + i] : from + i == bytes ? mark : 0u);
        w[0] = w[1]; w[1] = w[2]; w[2] = w[3]; w[3] = w[4]; w[4] = w[5]; w[5] = w[6]; w[6] = w[7]; w[7] = w[8];
        w[8] = w[9]; w[9] = w[10]; w[10] = w[11]; w[11] = w[12]; w[12] = w[13]; w[13] = w[14]; w[14] = w[15]; w[15] = word;
    }
}

/* SHA-256: takes a block's 16 big-endian words, which are used up, into the state. */
#define STEP(a, b, c, d, e, f, g, h, word, k) \
    h += (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + (g ^ (e & (f ^ g))) + k + (word); \
    d += h; \
    h += (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & b) | (c & (a | b)));
#define GIVEN(i) w[i]
#define NEXT(i) (w[i] += (rotate_right(w[(i + 1) & 15], 7) ^ rotate_right(w[(i + 1) & 15], 18) ^ (w[(i + 1) & 15] >> 3)) + w[(i + 9) & 15] \
    + (rotate_right(w[(i + 14) & 15], 17) ^ rotate_right(w[(i + 14) & 15], 19) ^ (w[(i + 14) & 15] >> 10)))
#define ROUNDS(WORD, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14, k15) \
    STEP(a, b, c, d, e, f, g, h, WORD(0), k0) STEP(h, a, b, c, d, e, f, g, WORD(1), k1) \
    STEP(g, h, a, b, c, d, e, f, WORD(2), k2) STEP(f, g, h, a, b, c, d, e, WORD(3), k3) \
    STEP(e, f, g, h, a, b, c, d, WORD(4), k4) STEP(d, e, f, g, h, a, b, c, WORD(5), k5) \
    STEP(c, d, e, f, g, h, a, b, WORD(6), k6) STEP(b, c, d, e, f, g, h, a, WORD(7), k7) \
    STEP(a, b, c, d, e, f, g, h, WORD(8), k8) STEP(h, a, b, c, d, e, f, g, WORD(9), k9) \
    STEP(g, h, a, b, c, d, e, f, WORD(10), k10) STEP(f, g, h, a, b, c, d, e, WORD(11), k11) \
    STEP(e, f, g, h, a, b, c, d, WORD(12), k12) STEP(d, e, f, g, h, a, b, c, WORD(13), k13) \
    STEP(c, d, e, f, g, h, a, b, WORD(14), k14) STEP(b, c, d, e, f, g, h, a, WORD(15), k15)

INLINE void sha256_block(uint *state, uint *w)
{
    uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    ROUNDS(GIVEN, 0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
        0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u)
    ROUNDS(NEXT, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
        0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u)
    ROUNDS(NEXT, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
        0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u)
    ROUNDS(NEXT, 0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
        0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u)
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/* The digest of a leaf of 1 to 1,024 bytes. */
INLINE void sha256_leaf(__global const uint *tag, __global const uint4 *at, int bytes, long leaf, int only, uint *digest)
{
    uint w[16] = { 0 };
    for (int i = 0; i < 8; i++)
        digest[i] = tag[i];
    for (int left = bytes; left >= -8; left -= BLOCK_BYTES) /* the mark and 8 bytes of length need room behind the bytes */
    {
        if (left >= BLOCK_BYTES)
            load_block(at, w);
        else
            load_tail((__global const uchar *)at, left, 0x80u, w);
        for (int i = 0; i < 16; i++)
            w[i] = swapped(w[i]);
        if (left < BLOCK_BYTES - 8)
            w[15] = (uint)(BLOCK_BYTES + bytes) * 8;
        sha256_block(digest, w);
        at += 4;
    }
    for (int i = 0; i < 8; i++)
        digest[i] = swapped(digest[i]);
}

/* The digest of two digests, which are used up. */
INLINE void sha256_parent(__global const uint *tag, uint *w, int top, uint *digest)
{
    for (int i = 0; i < 8; i++)
        digest[i] = tag[8 + i];
    for (int i = 0; i < 16; i++)
        w[i] = swapped(w[i]);
    for (int block = 0; block < 2; block++)
    {
        sha256_block(digest, w);
        for (int i = 0; i < 16; i++)
            w[i] = i == 0 ? 0x80000000u : i == 15 ? 2 * BLOCK_BYTES * 8u : 0u;
    }
    for (int i = 0; i < 8; i++)
        digest[i] = swapped(digest[i]);
}

/* BLAKE3: the compression of a block, under the chaining value and into it. */
#define CHUNK_START 1u
#define CHUNK_END 2u
#define PARENT 4u
#define ROOT 8u
#define DERIVE_KEY_MATERIAL 64u
#define MIX(a, b, c, d, x, y) \
    a += b + m[x]; d ^= a; d = rotate_right(d, 16); c += d; b ^= c; b = rotate_right(b, 12); \
    a += b + m[y]; d ^= a; d = rotate_right(d, 8); c += d; b ^= c; b = rotate_right(b, 7);
#define ROUND(i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15) \
    MIX(v0, v4, v8, v12, i0, i1) MIX(v1, v5, v9, v13, i2, i3) MIX(v2, v6, v10, v14, i4, i5) MIX(v3, v7, v11, v15, i6, i7) \
    MIX(v0, v5, v10, v15, i8, i9) MIX(v1, v6, v11, v12, i10, i11) MIX(v2, v7, v8, v13, i12, i13) MIX(v3, v4, v9, v14, i14, i15)

INLINE void blake3_block(uint *value, const uint *m, long counter, uint bytes, uint flags)
{
    uint v0 = value[0], v1 = value[1], v2 = value[2], v3 = value[3], v4 = value[4], v5 = value[5], v6 = value[6], v7 = value[7];
    uint v8 = 0x6a09e667u, v9 = 0xbb67ae85u, v10 = 0x3c6ef372u, v11 = 0xa54ff53au;
    uint v12 = (uint)counter, v13 = (uint)((ulong)counter >> 32), v14 = bytes, v15 = flags | DERIVE_KEY_MATERIAL;
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
    ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)
    ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)
    ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)
    ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)
    ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)
    value[0] = v0 ^ v8; value[1] = v1 ^ v9; value[2] = v2 ^ v10; value[3] = v3 ^ v11;
    value[4] = v4 ^ v12; value[5] = v5 ^ v13; value[6] = v6 ^ v14; value[7] = v7 ^ v15;
}

/* The value of a chunk of 1 to 1,024 bytes. */
INLINE void blake3_leaf(__global const uint *tag, __global const uint4 *at, int bytes, long leaf, int only, uint *digest)
{
    uint w[16] = { 0 };
    for (int i = 0; i < 8; i++)
        digest[i] = tag[i];
    uint flags = CHUNK_START;
    for (int left = bytes; left > 0; left -= BLOCK_BYTES)
    {
        if (left >= BLOCK_BYTES)
            load_block(at, w);
        else
            load_tail((__global const uchar *)at, left, 0u, w);
        if (left <= BLOCK_BYTES)
            flags |= CHUNK_END | (only ? ROOT : 0u);
        blake3_block(digest, w, leaf, left < BLOCK_BYTES ? (uint)left : BLOCK_BYTES, flags);
        flags = 0;
        at += 4;
    }
}

INLINE void blake3_parent(__global const uint *tag, uint *w, int top, uint *digest)
{
    for (int i = 0; i < 8; i++)
        digest[i] = tag[i];
    blake3_block(digest, w, 0, BLOCK_BYTES, PARENT | (top ? ROOT : 0u));
}

/* One work-item a leaf of the tensor; their digests lie one after the other, from the first place on. */
#define LEAVES(name, LEAF) \
KERNEL(name, 128)(__global const uint *tag, __global const uint4 *from, long bytes, __global uint *to, long first) \
{ \
    long leaf = (long)group_x() * 128 + local_id(); \
    long left = bytes - leaf * LEAF_BYTES; \
    if (left <= 0) return; \
    uint digest[8]; \
    LEAF(tag, from + leaf * (LEAF_BYTES / 16), left < LEAF_BYTES ? (int)left : LEAF_BYTES, leaf, bytes <= LEAF_BYTES, digest); \
    for (int i = 0; i < 8; i++) to[8 * (first + leaf) + i] = digest[i]; \
}

/* One work-group the digest over 256 digests, the last group over what remains; 9 words apart they lie in different banks. A last one of an odd
   level goes up as it is. */
#define TREE(name, PARENT_OF) \
KERNEL(name, 128)(__global const uint *tag, __global const uint *from, long first, long count, __global uint *to, long place) \
{ \
    __local uint level[256 * 9]; \
    int lane = local_id(); \
    long begin = (long)group_x() * 256; \
    int width = count - begin < 256 ? (int)(count - begin) : 256; \
    for (int i = lane; i < 8 * width; i += 128) level[9 * (i >> 3) + (i & 7)] = from[8 * (first + begin) + i]; \
    while (width > 1) \
    { \
        uint digest[8]; \
        int above = (width + 1) / 2; \
        local_barrier(); \
        if (2 * lane + 1 < width) \
        { \
            uint w[16]; \
            for (int i = 0; i < 8; i++) { w[i] = level[18 * lane + i]; w[8 + i] = level[18 * lane + 9 + i]; } \
            PARENT_OF(tag, w, width == 2 && count <= 256, digest); \
        } \
        else if (lane < above) \
            for (int i = 0; i < 8; i++) digest[i] = level[18 * lane + i]; \
        local_barrier(); \
        if (lane < above) \
            for (int i = 0; i < 8; i++) level[9 * lane + i] = digest[i]; \
        width = above; \
    } \
    local_barrier(); \
    if (lane < 8) to[8 * (place + group_x()) + lane] = level[lane]; \
}

LEAVES(sha256_leaves, sha256_leaf)
LEAVES(blake3_leaves, blake3_leaf)
TREE(sha256_tree, sha256_parent)
TREE(blake3_tree, blake3_parent)
