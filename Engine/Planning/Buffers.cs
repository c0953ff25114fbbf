using System;
using System.Collections.Generic;
using System.Linq;

namespace VerifiableCompute.Engine.Planning;

/// <summary>Buffers in which values lie one after the other. A value takes the smallest free buffer that is large enough; else the largest free one, grown;
/// else a new one.</summary>
internal sealed class Buffers
{
    private readonly List<long> _sizes = [];
    private readonly List<int> _free = [];
    private readonly List<(int Buffer, int Until, long Bytes)> _live = [];

    /// <summary>The size of each buffer.</summary>
    internal IReadOnlyList<long> Sizes => _sizes;

    /// <summary>Bytes of the values that are held now.</summary>
    internal long LiveBytes { get; private set; }

    /// <summary>Holds a value until a step is over.</summary>
    /// <returns>The number of its buffer.</returns>
    internal int Hold(long bytes, int until)
    {
        int best = -1;
        foreach (int candidate in _free)
        {
            bool fits = _sizes[candidate] >= bytes;
            bool bestFits = best >= 0 && _sizes[best] >= bytes;
            bool better = best < 0
                || (fits && (!bestFits || _sizes[candidate] < _sizes[best]))
                || (!fits && !bestFits && _sizes[candidate] > _sizes[best]);
            best = better ? candidate : best;
        }

        if (best < 0)
        {
            best = _sizes.Count;
            _sizes.Add(bytes);
        }
        else
        {
            _free.Remove(best);
            _sizes[best] = Math.Max(_sizes[best], bytes);
        }

        Add(best, bytes, until);
        return best;
    }

    /// <summary>Holds a value over another that nobody reads any more, if that has a buffer.</summary>
    internal bool TryHoldOver(int buffer, long bytes, int until)
    {
        int entry = _live.FindIndex(candidate => candidate.Buffer == buffer);
        if (entry < 0)
        {
            return false;
        }

        LiveBytes -= _live[entry].Bytes;
        _live.RemoveAt(entry);
        Add(buffer, bytes, until);
        return true;
    }

    /// <summary>A step is over: the buffers of what was held until then are free.</summary>
    internal void End(int step)
    {
        _free.AddRange(_live.Where(entry => entry.Until <= step).Select(entry => entry.Buffer));
        LiveBytes -= _live.Where(entry => entry.Until <= step).Sum(entry => entry.Bytes);
        _live.RemoveAll(entry => entry.Until <= step);
    }

    private void Add(int buffer, long bytes, int until)
    {
        _live.Add((buffer, until, bytes));
        LiveBytes += bytes;
    }
}
