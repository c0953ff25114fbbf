using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

internal sealed class PhiloxTests
{
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
}
