/* uses: order.h */
/* Keys of elements; and where the k best of each row of n are, by counting for each element those that go before it. */
KERNEL(order_keys, 256)(__global const uchar *x, int type, long offset, __global long *keys, int count)
{
    long place = (long)group_x() * 256 + local_id();
    if (place < count) keys[place] = key_of(load_element(x, type, offset + place), type);
}

KERNEL(top_k, 256)(__global const long *keys, __global long *y, int count, int n, int k, int smallest)
{
    long place = (long)group_x() * 256 + local_id();
    if (place >= count) return;
    int at = (int)place % n;
    __global const long *row = keys + (place - at);
    long key = row[at];
    int before = 0;
    for (int i = 0; i < n && before < k; i++)
        if (row[i] == key ? i < at : smallest ? row[i] < key : row[i] > key) before++;
    if (before < k) y[place / n * k + before] = at;
}
