using FsCheck;
using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

internal sealed class PhiloxTests
{
    private static readonly Gen<uint> Word = Gen.Two(Gen.Choose(0, 0xFFFF)).Select(halves => ((uint)halves.Item1 << 16) | (uint)halves.Item2);
    private static readonly Gen<(uint A, uint B, uint C, uint D)> Counter = Gen.Four(Gen.Frequency((1, Gen.Elements(0u, 1u, ~0u)), (3, Word)));

    /// <summary>The known answers that the authors of Philox publish with Random123 (philox4x32, 10 rounds).</summary>
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d)
        => Assert.That(Philox.Block((c0, c1, c2, c3), (k0, k1)), Is.EqualTo((a, b, c, d)));

    [Test]
    public void An_element_is_a_word_of_its_block()
    {
        Philox random = new(seed: 0x1122334455667788, stream: 9, position: 4);
        (uint a, uint b, uint c, uint d) = Philox.Block((0x40000001, 2, 4, 9), (0x55667788, 0x11223344));
        long first = ((2L << 32) + 0x40000001) * 4;
        uint[] words = [.. Enumerable.Range(0, 4).Select(i => random.Word(first + i))];
        Assert.That(words, Is.EqualTo(new[] { a, b, c, d }));
    }

    /// <summary>The block function of a key is one to one, so no counter repeats another's block.</summary>
    [Test]
    public void Counters_that_differ_have_blocks_that_differ() => Law.Holds(
        from counter in Counter
        from other in Gen.OneOf(Counter, Gen.Choose(0, 127).Select(bit => Flipped(counter, bit)))
        from key in Gen.Two(Word)
        select (counter, other, key),
        drawn => drawn.counter == drawn.other || Philox.Block(drawn.counter, drawn.key) != Philox.Block(drawn.other, drawn.key),
        times: 5000);

    [Test]
    public void A_number_depends_on_its_place_alone() => Law.Holds(
        from seed in Gen.Two(Word)
        from place in Gen.Two(Word)
        from elements in Gen.ArrayOf(Gen.Choose(0, int.MaxValue))
        select (seed, place, elements),
        drawn =>
        {
            Philox random = new(((ulong)drawn.seed.Item1 << 32) | drawn.seed.Item2, drawn.place.Item1, drawn.place.Item2);
            uint[] forward = [.. drawn.elements.Select(element => random.Word(element))];
            uint[] backward = [.. drawn.elements.Reverse().Select(element => random.Word(element)).Reverse()];
            uint[] alone = [.. drawn.elements.Select(element => Alone(drawn.seed, drawn.place, element))];
            return forward.SequenceEqual(backward) && forward.SequenceEqual(alone)
                && drawn.elements.All(element => random.Uniform(element) is >= 0 and < 1);
        });

    private static uint Alone((uint High, uint Low) seed, (uint Stream, uint Position) place, int element)
    {
        (uint a, uint b, uint c, uint d) = Philox.Block(((uint)element / 4, 0, place.Position, place.Stream), (seed.Low, seed.High));
        return new[] { a, b, c, d }[element % 4];
    }

    private static (uint A, uint B, uint C, uint D) Flipped((uint A, uint B, uint C, uint D) counter, int bit)
    {
        uint[] words = [counter.A, counter.B, counter.C, counter.D];
        words[bit / 32] ^= 1u << (bit % 32);
        return (words[0], words[1], words[2], words[3]);
    }
}
