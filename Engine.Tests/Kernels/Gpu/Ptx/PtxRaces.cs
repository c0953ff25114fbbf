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
        for (int i = offset; i < offset + size; i++)
        {
            ulong written = region.Written![i];
            if (Conflicts(region, written, thread) || (unchanging && written >> ThreadBits >= _launch))
            {
                throw new PtxException($"thread {thread} reads byte {i} of {region.Name}, which {Other(written)} writes");
            }

            if (region.Shared && written >> ThreadBits < _group)
            {
                throw new PtxException($"thread {thread} reads byte {i} of {region.Name} before anybody writes it");
            }

            ulong read = region.Read![i];
            ulong turn = read >> ThreadBits;
            bool others = turn == _turn && (read & Many) != (uint)thread;
            if (region.Shared || turn < _launch || turn >= _group)
            {
                region.Read[i] = Stamp(others ? (int)Many : thread);
            }
        }
    }

    /// <summary>A thread writes.</summary>
    public void Write(PtxRegion region, int offset, int size, int thread)
    {
        for (int i = offset; i < offset + size; i++)
        {
            foreach (ulong stamp in (ReadOnlySpan<ulong>)[region.Written![i], region.Read![i]])
            {
                if (Conflicts(region, stamp, thread))
                {
                    throw new PtxException($"thread {thread} writes byte {i} of {region.Name}, which {Other(stamp)} uses");
                }
            }

            region.Written[i] = Stamp(thread);
        }
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
