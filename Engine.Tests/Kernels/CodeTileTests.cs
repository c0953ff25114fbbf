using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Native;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Tiles of products of codes: every way to compute them that this machine has, against a plain loop.</summary>
[Category("simd")]
internal sealed unsafe class CodeTileTests
{
    private static readonly bool[] Runs =
        [NativeKernels.CodeTile != null, VnniSums.IsSupported, WordSums16.IsSupported, WordSums8.IsSupported, true, true];

    [Test]
    public void Totals_are_those_of_a_plain_loop([Range(0, 5)] int way)
    {
        if (!Runs[way])
        {
            Assert.Ignore(way == 0 ? NativeKernels.Status : "this machine has no such instructions");
        }

        Adversarial random = new(11);
        for (int i = 0; i < 300; i++)
        {
            int rows = random.Of(1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 29);
            int panels = random.Of(1, 2, 3, 4, 5, 9);
            int groups = random.Of(0, 1, 2, 5, 64);
            int segments = random.Of(1, 2, 9);
            int row = random.Of(1, 4, 31, 256);
            Compare(way, random, rows, panels, groups, segments, row);
        }
    }

    [Test]
    public void A_library_with_other_bits_is_refused()
    {
        Assert.That(NativeKernels.Agrees(&Right), Is.True);
        Assert.That(NativeKernels.Agrees(&Saturating), Is.False);
        Assert.That(NativeKernels.Agrees(&Nothing), Is.False);
    }

    [Test]
    public void What_is_no_library_is_not_used()
    {
        (nint tile, string status) = NativeKernels.Load(typeof(CodeTileTests).Assembly.Location);
        Assert.That(tile == 0, Is.True);
        Assert.That(status, Does.StartWith("not used"));
        Assert.That(NativeKernels.Status, Does.Match("^(not )?used: "));
    }

    [Test]
    public void The_library_is_used_where_it_must_be_and_not_where_it_is_turned_off()
    {
        if (Environment.GetEnvironmentVariable("VC_REQUIRE_NATIVE") == "1")
        {
            Assert.That(NativeKernels.Status, Does.StartWith("used"));
            Assert.That(NativeKernels.CodeTile != null, Is.True);
        }

        if (Environment.GetEnvironmentVariable("VC_NATIVE") == "0")
        {
            Assert.That(NativeKernels.CodeTile == null, Is.True);
        }
    }

    private static void Compare(int way, Adversarial random, int rows, int panels, int groups, int segments, int row)
    {
        const int Width = CodeTile.Width;
        byte[] a = new byte[(rows * row) + (segments * 16) + (4 * groups)];
        sbyte[] b = new sbyte[panels * segments * groups * 4 * Width];
        for (int i = 0; i < a.Length; i++)
        {
            a[i] = random.Of<byte>(0, 1, 127, 128, 254, 255, 77);
        }

        for (int i = 0; i < b.Length; i++)
        {
            b[i] = random.Of<sbyte>(-128, -127, -1, 0, 1, 127, 33);
        }

        nint[] starts = [.. Enumerable.Range(0, segments).Select(_ => (nint)random.Of(0, 3, 8, 16))];
        int stride = (panels * Width) + random.Of(0, 16);
        int[] c = [.. Enumerable.Repeat(-1, rows * stride)];
        int[] start = [.. Enumerable.Range(0, panels * Width).Select(_ => random.Of(0, 5, int.MaxValue, int.MinValue))];
        fixed (byte* pa = a)
        {
            fixed (sbyte* pb = b)
            {
                fixed (nint* ps = starts)
                {
                    fixed (int* pc = c, pt = start)
                    {
                        CodeTile tile = new()
                        {
                            A = pa,
                            Row = row,
                            Segments = ps,
                            Count = segments,
                            Groups = groups,
                            B = pb,
                            Panel = segments * groups * 4 * Width,
                            Start = pt,
                            C = pc,
                            Stride = stride,
                            Rows = rows,
                            Panels = panels,
                        };
                        Run(way, &tile);
                    }
                }
            }
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < stride; j++)
            {
                int total = j < panels * Width ? start[j] : -1;
                for (int k = 0; j < panels * Width && k < segments * groups * 4; k++)
                {
                    int at = (((((j / Width * segments * groups) + (k / 4)) * Width) + (j % Width)) * 4) + (k % 4);
                    total = unchecked(total + (a[(i * row) + starts[k / (4 * groups)] + (k % (4 * groups))] * b[at]));
                }

                Assert.That(c[(i * stride) + j], Is.EqualTo(total), $"{rows} rows, {panels} panels, {segments} segments of {groups}: {i}, {j}");
            }
        }
    }

    private static void Run(int way, CodeTile* tile)
    {
        switch (way)
        {
            case 0: NativeKernels.CodeTile(tile); break;
            case 1: CodeTiles.Run<VnniSums>(tile); break;
            case 2: CodeTiles.Run<WordSums16>(tile); break;
            case 3: CodeTiles.Run<WordSums8>(tile); break;
            case 4: CodeTiles.Run<WordSums4>(tile); break;
            default: CodeTiles.Run<OneSum>(tile); break;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Right(CodeTile* tile) => CodeTiles.Run<WordSums4>(tile);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(CodeTile* tile)
    {
    }

    // As processors do that add pairs of products in 16 bits.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Saturating(CodeTile* tile)
    {
        CodeTiles.Run<WordSums4>(tile);
        for (nint i = 0; i < tile->Rows * tile->Stride; i++)
        {
            tile->C[i] = Math.Clamp(tile->C[i], short.MinValue, short.MaxValue);
        }
    }
}
