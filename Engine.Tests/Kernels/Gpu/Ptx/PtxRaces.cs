namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>Watches who touches which byte. Two threads of a group may touch the same byte, one of them writing, only with a barrier between;
/// threads of two groups never in one launch. A shared byte is written before it is read; what ld.global.nc reads, its launch does not write.</summary>
internal sealed class PtxRaces
{
    // A stamp is the turn (from one barrier of a group to the next; turns of a launch follow each other) and the thread.
    private const int ThreadBits = 12;
    private const ulong Many = (1UL << ThreadBits) - 1;

    private ulong _turn;
    private ulong _group;
    private ulong _launch;

    /// <summary>A launch begins.</summary>
    public void Launch() => _launch = _turn + 1;

    /// <summary>A group begins.</summary>
    public void Group() => _group = ++_turn;

    /// <summary>All threads of the group have come to a barrier.</summary>
    public void Barrier() => _turn++;

    /// <summary>A thread reads.</summary>
    public void Read(PtxRegion region, int offset, int size, int thread, bool unchanging)
    {
        Span<ulong> written = region.Written.AsSpan(offset, size);
        Span<ulong> read = region.Read.AsSpan(offset, size);

        // The bytes of a word mostly have one stamp: what was found for the last byte holds for the next.
        for (int i = 0; i < size; i++)
        {
            if (i == 0 || written[i] != written[i - 1])
            {
                CheckRead(region, offset + i, written[i], thread, unchanging);
            }
        }

        ulong old = read[0];
        ulong stamp = Seen(region, old, thread);
        for (int i = 0; i < size; i++)
        {
            if (read[i] != old)
            {
                old = read[i];
                stamp = Seen(region, old, thread);
            }

            read[i] = stamp;
        }
    }

    /// <summary>A thread writes.</summary>
    public void Write(PtxRegion region, int offset, int size, int thread)
    {
        Span<ulong> written = region.Written.AsSpan(offset, size);
        Span<ulong> read = region.Read.AsSpan(offset, size);
        for (int i = 0; i < size; i++)
        {
            if (i == 0 || written[i] != written[i - 1] || read[i] != read[i - 1])
            {
                CheckWrite(region, offset + i, written[i], thread);
                CheckWrite(region, offset + i, read[i], thread);
            }
        }

        written.Fill(Stamp(thread));
    }

    private void CheckRead(PtxRegion region, int at, ulong written, int thread, bool unchanging)
    {
        if (Conflicts(region, written, thread) || (unchanging && written >> ThreadBits >= _launch))
        {
            throw new PtxException($"thread {thread} reads byte {at} of {region.Name}, which {Other(written)} writes");
        }

        if (region.Shared && written >> ThreadBits < _group)
        {
            throw new PtxException($"thread {thread} reads byte {at} of {region.Name} before anybody writes it");
        }
    }

    private void CheckWrite(PtxRegion region, int at, ulong stamp, int thread)
    {
        if (Conflicts(region, stamp, thread))
        {
            throw new PtxException($"thread {thread} writes byte {at} of {region.Name}, which {Other(stamp)} uses");
        }
    }

    // The stamp of a byte that is read: this thread's; many threads', if others have read it in this turn; another group's stays.
    private ulong Seen(PtxRegion region, ulong old, int thread)
    {
        ulong turn = old >> ThreadBits;
        if (!region.Shared && turn >= _launch && turn < _group)
        {
            return old;
        }

        return Stamp(turn == _turn && (old & Many) != (uint)thread ? (int)Many : thread);
    }

    private ulong Stamp(int thread) => (_turn << ThreadBits) | (uint)thread;

    private bool Conflicts(PtxRegion region, ulong stamp, int thread)
    {
        ulong turn = stamp >> ThreadBits;
        bool others = !region.Shared && turn >= _launch && turn < _group;
        return others || (turn == _turn && (stamp & Many) != (uint)thread);
    }

    private string Other(ulong stamp) =>
        stamp >> ThreadBits < _group ? "another group" : (stamp & Many) == Many ? "another thread" : $"thread {stamp & Many}";
}
