namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>An instruction that the 32 threads of a warp do together.</summary>
internal abstract class PtxWarpOperation
{
    /// <summary>Threads of a warp.</summary>
    public const int Lanes = 32;

    /// <summary>Decodes one.</summary>
    /// <param name="opcode">Its name.</param>
    /// <param name="slots">Its operands, vectors taken apart.</param>
    public static PtxWarpOperation Make(string opcode, int[] slots)
    {
        string[] parts = opcode.Split('.');
        return parts switch
        {
            ["shfl", "sync", "idx" or "up" or "down" or "bfly", "b32"] when slots.Length == 5 => new Shuffle(parts[2], slots),
            ["mma", "sync", "aligned", "m16n8k32", "row", "col", "s32", "s8" or "u8", "s8" or "u8", "s32"] when slots.Length == 14 =>
                new Matrix(slots, parts[7] == "s8", parts[8] == "s8"),
            _ => throw new PtxException("no such instruction is known"),
        };
    }

    /// <summary>Does it.</summary>
    /// <param name="files">The files of the warp's threads, one after another.</param>
    /// <param name="stride">Slots of a file.</param>
    public abstract void Run(Span<ulong> files, int stride);

    // shfl.sync.mode.b32 d, a, b, c, members: section 9.7.9.6.
    private sealed class Shuffle(string mode, int[] slots) : PtxWarpOperation
    {
        public override void Run(Span<ulong> files, int stride)
        {
            Span<ulong> results = stackalloc ulong[Lanes];
            for (int lane = 0; lane < Lanes; lane++)
            {
                Span<ulong> file = files.Slice(lane * stride, stride);
                if (file[slots[4]] != uint.MaxValue)
                {
                    throw new PtxException("shuffles are for whole warps");
                }

                int value = (int)(file[slots[2]] & 31);
                int clamp = (int)(file[slots[3]] & 31);
                int segment = (int)((file[slots[3]] >> 8) & 31);
                int least = lane & segment;
                int most = least | (clamp & ~segment);
                (int from, bool inside) = mode switch
                {
                    "up" => (lane - value, lane - value >= most),
                    "down" => (lane + value, lane + value <= most),
                    "bfly" => (lane ^ value, (lane ^ value) <= most),
                    _ => (least | (value & ~segment), (least | (value & ~segment)) <= most),
                };
                results[lane] = files[((inside ? from : lane) * stride) + slots[1]];
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                files[(lane * stride) + slots[0]] = results[lane];
            }
        }
    }

    // D (16 x 8) = A (16 x 32, bytes) * B (32 x 8, bytes) + C (16 x 8): section 9.7.14, "Matrix fragments for mma.m16n8k32". With g = lane / 4 and
    // t = lane % 4: bytes of A's registers are rows g, g + 8, g, g + 8 at columns 4t…, 4t…, 4t + 16…, 4t + 16…; of B's, column g at rows 4t…, 4t + 16…;
    // C's and D's registers are row g at columns 2t, 2t + 1, then row g + 8.
    private sealed class Matrix(int[] slots, bool aSigned, bool bSigned) : PtxWarpOperation
    {
        public override void Run(Span<ulong> files, int stride)
        {
            Span<int> a = stackalloc int[16 * 32];
            Span<int> b = stackalloc int[32 * 8];
            for (int lane = 0; lane < Lanes; lane++)
            {
                Span<ulong> file = files.Slice(lane * stride, stride);
                int g = lane / 4;
                int t = lane % 4;
                for (int i = 0; i < 16; i++)
                {
                    int row = g + (i / 4 % 2 * 8);
                    int column = (t * 4) + (i % 4) + (i / 8 * 16);
                    a[(row * 32) + column] = PtxTable.Lane(file[slots[4 + (i / 4)]], i % 4, aSigned);
                }

                for (int i = 0; i < 8; i++)
                {
                    int row = (t * 4) + (i % 4) + (i / 4 * 16);
                    b[(row * 8) + g] = PtxTable.Lane(file[slots[8 + (i / 4)]], i % 4, bSigned);
                }
            }

            Span<uint> results = stackalloc uint[4];
            for (int lane = 0; lane < Lanes; lane++)
            {
                Span<ulong> file = files.Slice(lane * stride, stride);
                for (int i = 0; i < 4; i++)
                {
                    int row = (lane / 4) + (i / 2 * 8);
                    int column = (lane % 4 * 2) + (i % 2);
                    int sum = unchecked((int)file[slots[10 + i]]);
                    for (int k = 0; k < 32; k++)
                    {
                        sum = unchecked(sum + (a[(row * 32) + k] * b[(k * 8) + column]));
                    }

                    results[i] = unchecked((uint)sum);
                }

                for (int i = 0; i < 4; i++)
                {
                    file[slots[i]] = results[i];
                }
            }
        }
    }
}
