using FsCheck;
using FsCheck.Fluent;

using Microsoft.FSharp.Core;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Checks a law on cases that FsCheck draws. The draw is the same at every run; a failure names the case, made as small as the
/// shrinker can, and the seed and size that draw it.</summary>
internal static class Law
{
    private const ulong Seed = 20_261;
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The law holds for every case.</summary>
    /// <param name="cases">Draws a case.</param>
    /// <param name="law">Whether it holds.</param>
    /// <param name="times">Number of cases.</param>
    /// <param name="simpler">Cases that are simpler than one that fails.</param>
    internal static void Holds<T>(Gen<T> cases, Func<T, bool> law, int times = 1000, Func<T, IEnumerable<T>>? simpler = null)
    {
        Config config = Config.QuickThrowOnFailure
            .WithMaxTest(times)
            .WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(Seed, Gamma), FSharpOption<int>.None)));
        Arbitrary<T> arbitrary = simpler is null ? Arb.From(cases) : Arb.From(cases, simpler);
        Check.One(config, Prop.ForAll(arbitrary, law));
    }

    /// <summary>Everything that Adversarial makes of a drawn seed.</summary>
    internal static Gen<T> Drawn<T>(Func<Adversarial, T> make)
        => Gen.Choose(0, int.MaxValue).Select(seed => make(new Adversarial((ulong)seed)));

    /// <summary>A shape of up to four axes, extents from 0 on.</summary>
    internal static Gen<Engine.Tensors.Shape> Shapes(int least = 0, int most = 4)
        => from rank in Gen.Choose(0, 4)
           from extents in Gen.ArrayOf(Gen.Choose(least, most), rank)
           select new Engine.Tensors.Shape([.. extents.Select(extent => (long)extent)]);

    /// <summary>The list without each of its entries.</summary>
    internal static IEnumerable<T[]> Shorter<T>(T[] list) => list.Select((_, i) => (T[])[.. list[..i], .. list[(i + 1)..]]);
}
