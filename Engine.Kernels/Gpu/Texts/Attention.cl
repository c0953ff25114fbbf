/* uses: plain_results.h, product.h, chain.h, folds.h */
/* Attention: products of queries and keys, a chain of elementwise operations on each (see chain.h), softmax of each row, and the product with the values.
   attention: a work-group makes 64 rows at a time, with tiles of product.h on both sides of the softmax; its scores, and then its weights, lie in a part of
   scratch that is its own, and that it uses again for the next rows (about 18,000 bytes of shared memory). weigh: chain and softmax alone, on scores that are whole
   in global memory: of few rows, whose products take all of the device in another way.
   An operand of the chain is twenty ints: type, offset, stride along a row, number of axes that rows run over, and of each extent and stride, the innermost
   first. It stands behind the steps. */
#define ROWS 64
#define ROW_OPERANDS 6
#define OPERAND_WORDS 20

/* A chain on rows. It lies in shared memory, as what is read now and then does, and buffers have numbers there. */
typedef struct
{
    __global const int *program;
    __global const uchar *x[ROW_OPERANDS];
    int steps, operands, quick;
} row_chain;

/* quick: there are only sums, differences, products, quotients and choices, each of what the step before gave and an f32, or by a truth value. */
#define ROW_CHAIN int steps, int operands, int quick, __global const int *program, __global const uchar *x0, __global const uchar *x1, \
    __global const uchar *x2, __global const uchar *x3, __global const uchar *x4, __global const uchar *x5
#define SET_ROW_CHAIN(to) \
    (to).program = program; \
    (to).x[0] = x0; \
    (to).x[1] = x1; \
    (to).x[2] = x2; \
    (to).x[3] = x3; \
    (to).x[4] = x4; \
    (to).x[5] = x5; \
    (to).steps = steps; \
    (to).operands = operands; \
    (to).quick = quick;

/* Where a row of an operand begins. */
INLINED int place_of_row(__global const int *operand, int row)
{
    int at = operand[1];
    for (int axis = 0; axis < operand[3]; axis++)
    {
        int extent = operand[4 + 2 * axis];
        at += row % extent * operand[5 + 2 * axis];
        row /= extent;
    }
    return at;
}

/* The place of an operand's element in column i of a row. */
#define ROW_PLACE(source) (places[source] + i * operands[(source) * OPERAND_WORDS + 2])

/* The value of a source in column i of a row: an operand's element, or what the step before gave. */
INLINED ulong chain_source(int source, __local const int *places, int i, ulong last, __local const row_chain *chain)
{
    if (source < 0) return last;
    __global const int *operands = chain->program + chain->steps * STEP_INTS;
    return load_element(chain->x[source], operands[source * OPERAND_WORDS], ROW_PLACE(source));
}

INLINED float quick_of_row(float last, __local const int *places, int i, __local const row_chain *chain)
{
    __global const int *operands = chain->program + chain->steps * STEP_INTS;
    #pragma unroll 1
    for (int s = 0; s < chain->steps; s++)
    {
        __global const int *step = chain->program + s * STEP_INTS;
        int op = step[0];
        int first = step[1];
        int second = step[2];
        int other = op == STEP_WHERE ? (second < 0 ? step[3] : second) : first < 0 ? second : first;
        float x = ((__global const float *)chain->x[other])[ROW_PLACE(other)];
        if (op == STEP_WHERE)
        {
            int chosen = chain->x[first][ROW_PLACE(first)] != 0;
            last = chosen == (second < 0) ? last : x;
            continue;
        }
        float a = first < 0 ? last : x;
        float b = first < 0 ? x : last;
        if (op == STEP_ADD) last = a + b;
        else if (op == STEP_SUB) last = a - b;
        else if (op == STEP_MUL) last = a * b;
        else last = a / b;
    }
    return last;
}

INLINED float of_row(float score, __local const int *places, int i, __local const row_chain *chain)
{
    if (chain->quick) return quick_of_row(score, places, i, chain);
    ulong last = in_f32(score);
    #pragma unroll 1
    for (int s = 0; s < chain->steps; s++)
    {
        __global const int *step = chain->program + s * STEP_INTS;
        ulong a = chain_source(step[1], places, i, last, chain);
        ulong b = chain_source(step[2], places, i, last, chain);
        ulong c = chain_source(step[3], places, i, last, chain);
        last = stored(step_of(step, a, b, c, 1), step[4]);
    }
    return f32_in(last);
}

/* Chain and softmax of a row of n scores, in place, by one warp, or all of a work-group. Without is_row a warp only waits with the others. number: the row's
   among all. */
INLINED void weigh(int warps, __local float *lanes, __local int *places, __global float *row, int is_row, int number, int n, __local const row_chain *chain)
{
    int lane = local_id() % LANES;
    int step = warps * LANES;
    int first = local_id() % step;
    int own_n = is_row ? n : 0;
    __local int *own_places = places + local_id() / LANES * ROW_OPERANDS;
    if (is_row && lane < chain->operands)
        own_places[lane] = place_of_row(chain->program + chain->steps * STEP_INTS + lane * OPERAND_WORDS, number);
    local_barrier();
    float m = neutral_f32(FOLD_MAX);
    if (chain->steps == 0)
        for (int i = first; i < own_n; i += 4 * step)
        {
            float x[4];
            #pragma unroll
            for (int j = 0; j < 4; j++) x[j] = i + j * step < own_n ? row[i + j * step] : neutral_f32(FOLD_MAX);
            #pragma unroll
            for (int j = 0; j < 4; j++) m = max_f32(m, x[j]);
        }
    else
        #pragma unroll 1
        for (int i = first; i < own_n; i += step)
        {
            float x = of_row(row[i], own_places, i, chain);
            row[i] = x;
            m = max_f32(m, x);
        }
    m = joined_f32(FOLD_MAX, lanes, m);
    float s = 0.0f;
    if (warps == 1)
    {
        for (int from = 0; from < n; from += FOLD_BLOCK)
        {
            float own = 0.0f;
            #pragma unroll 1
            for (int i = from + lane; i < own_n && i < from + FOLD_BLOCK; i += LANES)
            {
                float e = f_exp(row[i] - m);
                row[i] = e;
                own += e;
            }
            own = joined_f32(FOLD_SUM, lanes, own);
            if (from / FOLD_BLOCK % LANES == lane) s += own;
        }
        s = joined_f32(FOLD_SUM, lanes, s);
    }
    else
    {
        lanes[local_id()] = m;
        local_barrier();
        for (int warp = 0; warp < WARPS; warp++) m = max_f32(m, lanes[warp * LANES]);
        #pragma unroll 1
        for (int i = first; i < own_n; i += step) row[i] = f_exp(row[i] - m);
        global_barrier();
        s = folded_f32(FOLD_SUM, TERM_SELF, 0.0f, lanes, (__global const uchar *)row, T_F32, 0, n, WARPS, 0);
        global_barrier();
    }
    for (int i = first; i < own_n; i += 4 * step)
    {
        float e[4];
        #pragma unroll
        for (int j = 0; j < 4; j++) e[j] = i + j * step < own_n ? row[i + j * step] : 0.0f;
        #pragma unroll
        for (int j = 0; j < 4; j++)
            if (i + j * step < own_n) row[i + j * step] = e[j] / s;
    }
}

#define WEIGH(name, warps) \
KERNEL(name, 256)(__global float *scores, int rows, int n, ROW_CHAIN) \
{ \
    __local float lanes[256]; \
    __local int places[WARPS * ROW_OPERANDS]; \
    __local row_chain chain; \
    if (local_id() == 0) \
    { \
        SET_ROW_CHAIN(chain) \
    } \
    local_barrier(); \
    long number = (long)group_x() * (WARPS / warps) + local_id() / LANES / warps; \
    weigh(warps, lanes, places, scores + number * n, number < rows, (int)number, n, &chain); \
}

WEIGH(weigh_short, 1)
WEIGH(weigh_long, WARPS)

/* An operand of the products: matrix number b begins at origin + (b / turn) * outer + (b % turn) * inner. */
typedef struct
{
    __global const float *x;
    long origin, row, step, outer, inner;
    int rows, along_k, wide;
} side;

/* What both products read: of each its operands and its result, rows [batch, m, width] of y. */
typedef struct
{
    side a[2], b[2];
    __global float *y[2];
    long row[2];
    int depth[2];
    float alpha[2];
    int turn;
    row_chain chain;
} attended;

INLINED matrix matrix_of(__local const side *from, int turn, int batch, int first, int rows)
{
    long origin = from->origin + (batch / turn) * from->outer + (batch % turn) * from->inner + first * from->row;
    matrix all = { from->x, origin, from->row, from->step, rows, from->along_k, from->wide };
    return all;
}

/* Queries [batch, m, k], keys [batch, n, k], values [batch, width, n], of which a row is one column; pitch: from row to row of scratch, a multiple of 4;
   tiles: 64 rows of a batch each. layout: 1 queries are fetched along k, 2 as float4, 4 and 8 keys, 16 and 32 values along n. */
KERNEL(attention, 256)(__global const float *q, __global const float *k, __global const float *v, __global float *y, __global float *scratch, int m_count,
    int n_count, int k_count, int width, int tiles, int pitch, float alpha, float beta, int layout, long q0, long qm, long qk, long k0, long kn, long kk,
    long v0, long vw, long vn, int turn, long q_outer, long q_inner, long k_outer, long k_inner, long v_outer, long v_inner, ROW_CHAIN)
{
    __local float4 shared[SHARED(ROWS)];
    __local result to;
    __local attended all;
    __local following then;
    __local int places[WARPS * ROW_OPERANDS];
    if (local_id() == 0)
    {
        __global float *scores = scratch + (long)group_x() * ROWS * pitch;
        side queries = { q, q0, qm, qk, q_outer, q_inner, m_count, layout & 1, layout & 2 };
        side keys = { k, k0, kn, kk, k_outer, k_inner, n_count, layout & 4, layout & 8 };
        side weights = { scores, 0, pitch, 1, 0, 0, m_count, 1, 1 };
        side values = { v, v0, vw, vn, v_outer, v_inner, width, layout & 16, layout & 32 };
        all.a[0] = queries;
        all.b[0] = keys;
        all.a[1] = weights;
        all.b[1] = values;
        all.y[0] = scores;
        all.y[1] = y;
        all.row[0] = pitch;
        all.row[1] = width;
        all.depth[0] = k_count;
        all.depth[1] = n_count;
        all.alpha[0] = alpha;
        all.alpha[1] = beta;
        all.turn = turn;
        SET_ROW_CHAIN(all.chain)
    }
    windows none;
    #pragma unroll 1
    for (int tile = group_x(); tile < tiles; tile += groups_x())
        #pragma unroll 1
        for (int part = 0; part < 2; part++)
        {
            global_barrier();
            int m = all.a[0].rows;
            int n = all.depth[1];
            int down = (m + ROWS - 1) / ROWS;
            int batch = tile / down;
            int first = tile % down * ROWS;
            int count = m - first < ROWS ? m - first : ROWS;
            if (part == 1)
            {
                #pragma unroll 1
                for (int row = local_id() / LANES; row < ROWS; row += WARPS)
                    weigh(1, (__local float *)shared, places, all.y[0] + row * all.row[0], row < count, batch * m + first + row, n, &all.chain);
                global_barrier();
            }
            matrix a = matrix_of(&all.a[part], all.turn, batch, part == 0 ? first : 0, count);
            matrix b = matrix_of(&all.b[part], all.turn, batch, 0, all.b[part].rows);
            long line = all.row[part];
            long base = part == 0 ? 0 : ((long)batch * m + first) * line;
            result rows = { all.y[part], all.y[part], all.y[part], base, line, 0, 0, 0, 0, count, b.rows, b.rows, 0, 0, 0, 0, 0, all.alpha[part], 0.0f };
            if (local_id() == 0) to = rows;
            #pragma unroll 1
            for (int column = 0; column < b.rows; column += ROWS)
            {
                if (local_id() == 0) to.first_column = column;
                product(T_F32, ROWS, 0, (__local float *)shared, &a, &b, &none, &to, &then, 0, column, 0, all.depth[part]);
            }
        }
}
