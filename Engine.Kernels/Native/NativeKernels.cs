using System;
using System.IO;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Cpu.Products;

namespace VerifiableCompute.Engine.Kernels.Native;

/// <summary>The optional library of kernels in C, for instructions that .NET does not have. It is built where there is a C compiler; without
/// it, or with VC_NATIVE=0, managed code gives the same bits. What it computes is compared with managed code before it is used.</summary>
public static unsafe class NativeKernels
{
    private const string FileName = "libvckernels.so";

    private static readonly (nint CodeTile, string Status) Loaded = Load();

    /// <summary>Whether the library is used, and why not.</summary>
    public static string Status => Loaded.Status;

    /// <summary>Computes every total of a tile, or null where the library is not used.</summary>
    internal static delegate* unmanaged[Cdecl]<CodeTile*, void> CodeTile => (delegate* unmanaged[Cdecl]<CodeTile*, void>)Loaded.CodeTile;

    /// <summary>Where the library lies beside the program.</summary>
    internal static string FilePath => Path.Combine(
        AppContext.BaseDirectory, "runtimes", $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native", FileName);

    /// <summary>Loads a library and checks it.</summary>
    /// <param name="path">The library.</param>
    /// <returns>Address of its tile kernel, or 0; whether it may be used, and why not.</returns>
    internal static (nint CodeTile, string Status) Load(string path)
    {
        if (!NativeLibrary.TryLoad(path, out nint library)
            || !NativeLibrary.TryGetExport(library, "vc_code_tile_runs", out nint runs)
            || !NativeLibrary.TryGetExport(library, "vc_code_tile", out nint tile))
        {
            return (0, "not used: the library cannot be loaded, or is another");
        }

        if (((delegate* unmanaged[Cdecl]<int>)runs)() == 0)
        {
            return (0, "not used: the processor has no AVX-512 VNNI");
        }

        return Agrees((delegate* unmanaged[Cdecl]<CodeTile*, void>)tile)
            ? (tile, "used: AVX-512 VNNI")
            : (0, "refused: the library gives other bits than managed code");
    }

    private static (nint CodeTile, string Status) Load()
    {
        if (Environment.GetEnvironmentVariable("VC_NATIVE") == "0")
        {
            return (0, "not used: VC_NATIVE=0");
        }

        return OperatingSystem.IsLinux() && File.Exists(FilePath) ? Load(FilePath) : (0, "not used: the library was not built");
    }

    // Tiles of every number of rows that has a path of its own, with extreme codes among others.
    internal static bool Agrees(delegate* unmanaged[Cdecl]<CodeTile*, void> native)
    {
        const int Rows = 31;
        const int Panels = 7;
        const int Groups = 5;
        const int Depth = 4 * 2 * Groups;
        const int Row = 52;
        const int Width = Cpu.Products.CodeTile.Width;
        byte* a = stackalloc byte[(Rows * Row) + 64];
        sbyte* b = stackalloc sbyte[Panels * Width * Depth];
        int* expected = stackalloc int[Rows * Panels * Width];
        int* actual = stackalloc int[Rows * Panels * Width];
        int* start = stackalloc int[Panels * Width];
        nint* segments = stackalloc nint[] { 3, 28 };
        uint state = 1;
        byte Next()
        {
            state = (state * 1_664_525) + 1_013_904_223;
            return state >> 30 == 0 ? (byte)(0x80 - (state >> 31)) : state >> 30 == 1 ? (byte)0xFF : (byte)(state >> 20);
        }

        for (int i = 0; i < (Rows * Row) + 64; i++)
        {
            a[i] = Next();
        }

        for (int i = 0; i < Panels * Width * Depth; i++)
        {
            b[i] = (sbyte)Next();
        }

        for (int j = 0; j < Panels * Width; j++)
        {
            start[j] = int.MaxValue - j;
        }

        for (int rows = 1; rows <= Rows; rows++)
        {
            int panels = 1 + (rows % Panels);
            CodeTile tile = new()
            {
                A = a,
                Row = Row,
                Segments = segments,
                Count = 2,
                Groups = Groups,
                B = b,
                Panel = Width * Depth,
                Start = start,
                C = expected,
                Stride = panels * Width,
                Rows = rows,
                Panels = panels,
            };
            CodeTiles.Run<OneSum>(&tile);
            tile.C = actual;
            native(&tile);
            int totals = rows * panels * Width;
            if (!new ReadOnlySpan<int>(expected, totals).SequenceEqual(new ReadOnlySpan<int>(actual, totals)))
            {
                return false;
            }
        }

        return true;
    }
}
