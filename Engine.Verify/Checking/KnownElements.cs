namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Elements that were computed, by value and index: a hash table without deletion, which forgets everything when it is full. The seed is another
/// one in every process, so that nobody can choose elements that collide.</summary>
internal sealed class KnownElements
{
    /// <summary>So many are kept, in a table of twice as many places of 24 bytes: 12 MiB, and half of that beside it while it grows.</summary>
    internal const int Most = 1 << 18;

    private const int Least = 1 << 10;

    private static readonly ulong Seed = unchecked(((ulong)(uint)(1, 2).GetHashCode() << 32) | (uint)(2, 1).GetHashCode() | 1);

    private Entry[] _entries = new Entry[Least];

    /// <summary>The number of elements.</summary>
    internal int Count { get; private set; }

    /// <summary>Looks an element up.</summary>
    /// <param name="value">The value, not negative.</param>
    /// <param name="element">The index.</param>
    /// <param name="bits">Its bytes in the low end.</param>
    internal bool TryGet(int value, long element, out ulong bits)
    {
        ref Entry entry = ref Find(value, element);
        bits = entry.Bits;
        return entry.Value != 0;
    }

    /// <summary>Adds an element, or leaves it as it is; where <see cref="Most"/> are there, they are forgotten first.</summary>
    internal void Add(int value, long element, ulong bits)
    {
        if (Count == Most)
        {
            _entries = new Entry[Least];
            Count = 0;
        }
        else if (2 * Count >= _entries.Length)
        {
            Entry[] old = _entries;
            _entries = new Entry[2 * old.Length];
            foreach (Entry entry in old)
            {
                if (entry.Value != 0)
                {
                    Find(entry.Value - 1, entry.Element) = entry;
                }
            }
        }

        ref Entry free = ref Find(value, element);
        Count += free.Value == 0 ? 1 : 0;
        free = new Entry(element, value + 1, bits);
    }

    private ref Entry Find(int value, long element)
    {
        ulong key = unchecked((((ulong)element * 0x9E37_79B9_7F4A_7C15) ^ (ulong)value) * Seed);
        int mask = _entries.Length - 1;
        int place = (int)(key >> 33) & mask;
        while (_entries[place].Value != 0 && (_entries[place].Value != value + 1 || _entries[place].Element != element))
        {
            place = (place + 1) & mask;
        }

        return ref _entries[place];
    }

    // The value is one above its number; 0 is an empty place.
    private readonly record struct Entry(long Element, int Value, ulong Bits);
}
