using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;
using VerifiableCompute.Wire;

using V1 = VerifiableCompute.Wire.V1;

namespace VerifiableCompute.Engine.Tests.Wire;

/// <summary>What is sent arrives.</summary>
internal sealed class RoundTripTests
{
    private static readonly bool[] OfTrace = [true, true, false, false, true, true];
    private static readonly bool[] OfOutputs = [true, true, true, false, true, true];

    [Test]
    public void Messages_carry_the_canonical_bytes([Values] Policy policy, [Values] Suite suite, [Values(1, 2)] int seed)
    {
        foreach (Message message in Message.Of(Scene.Make(policy, suite, seed: seed)).Concat(Message.Small))
        {
            Answer answer = message.Read(message.Bytes);
            Assert.That(answer.Why, Is.Empty, message.Family);
            Assert.That(answer.Canonical, Is.EqualTo(message.Canonical), message.Family);
            Assert.That(answer.Again, Is.EqualTo(message.Bytes), message.Family);
        }
    }

    [Test]
    public void Verdicts_are_the_same_after_a_journey([Values] Policy policy, [Values] Suite suite)
    {
        Scene scene = Scene.Make(policy, suite);
        Assert.That(StatementMessage.TryRead(StatementMessage.ToBytes(scene.Statement), out StatementFile? statement, out string why), Is.True, why);
        Assert.That(ReceiptMessage.TryRead(ReceiptMessage.ToBytes(scene.Receipt), out ReceiptFile? receipt, out why), Is.True, why);
        Assert.That(ChallengeMessage.TryRead(ChallengeMessage.ToBytes(scene.Challenge), out Challenge? challenge, out why), Is.True, why);
        Assert.That(ProofMessage.TryRead(ProofMessage.ToBytes(scene.Proof), out Proof? proof, out why), Is.True, why);
        Verdict verdict = SpotCheck.Verify(statement!, receipt!, challenge!, proof!, PlainHasher.Instance);
        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Valid), verdict.Text);
        FraudProof sent = Message.Accusation(scene);
        Assert.That(FraudProofMessage.TryRead(FraudProofMessage.ToBytes(sent), out FraudProof? accusation, out why), Is.True, why);
        Assert.That(accusation!.Verify(PlainHasher.Instance), Is.EqualTo(sent.Verify(PlainHasher.Instance)));
        Assert.That(accusation.Verify(PlainHasher.Instance).Kind, Is.EqualTo(VerdictKind.Invalid));
    }

    [Test]
    public void Extremes_arrive()
    {
        Scene scene = Scene.Make();
        Statement statement = scene.Statement.Statement with
        {
            LoweringVersion = ushort.MaxValue,
            Challenge = new ChallengePolicy(0, 0, string.Empty, ulong.MaxValue),
            Domain = new Domain("\0 ü \U0001F600 \uFEFF", ulong.MaxValue, new string('f', 40)),
            Prover = new ProverKey(KeyScheme.Ed25519, scene.Challenge.Value),
            LiabilityEnd = 0,
        };
        Receipt receipt = scene.Receipt.Receipt with { Prover = new ProverKey(KeyScheme.Secp256k1, scene.Challenge.Value), Issued = ulong.MaxValue };
        MultiProof odd = new([long.MinValue, -1, long.MaxValue], [new byte[1 << 20], Array.Empty<byte>(), new byte[] { 7 }], [default]);
        Openings openings = new(
            [new ListOpening(TreeKind.Parameters, long.MinValue, odd), new ListOpening(TreeKind.Outputs, 0, new MultiProof([], [], []))],
            [new TensorOpening(new ValueRef(ValueKind.Input, Limits.Values - 1, ushort.MaxValue), odd)]);
        ImmutableArray<Message> messages =
        [
            Message.Of(StatementFile.Make(scene.Statement.Graph, statement)),
            Message.Of(new ReceiptFile(receipt, [], [])),
            Message.Of(new StageFile(new StageReceipt(default, receipt.Prover, 0, Limits.Nodes, default, default, ulong.MaxValue), [], [])),
            Message.Of(new Challenge(default, default, [], string.Empty, 0, default, 0)),
            Message.Of(new Challenge(default, default, [.. new byte[Limits.NameBytes]], new string('b', Limits.NameBytes), ulong.MaxValue, default, 1)),
            Message.Of(new Proof(default, openings)),
            Message.Of(new Proof(default, Openings.None)),
            Message.Of(new FraudProof(statement, receipt, Reason.WrongOutputBinding, new ElementRef(Limits.Nodes - 1, 65535, long.MaxValue), openings)),
        ];
        foreach (Message message in messages)
        {
            Answer answer = message.Read(message.Bytes);
            Assert.That(answer.Canonical.AsSpan().SequenceEqual(message.Canonical), Is.True, $"{message.Family}: {answer.Why}");
        }
    }

    [Test]
    public void Malformed_leaves_arrive_as_they_are()
    {
        ReceiptFile honest = Scene.Make().Receipt;
        byte[] entries = [.. honest.TraceLeaves.MaxBy(leaf => leaf.Length).Span];
        byte[] output = [.. honest.OutputLeaves[0].Span];
        ImmutableArray<ReadOnlyMemory<byte>> Spoilt(byte[] leaf) =>
            [Array.Empty<byte>(), new byte[1], new byte[2], leaf, leaf.AsMemory(0, leaf.Length - 1), (byte[])[.. leaf, 0]];
        Message message = Message.Of(honest with { TraceLeaves = Spoilt(entries), OutputLeaves = Spoilt(output) });
        Assert.That(message.Read(message.Bytes).Canonical, Is.EqualTo(message.Canonical), message.Read(message.Bytes).Why);
        V1.ReceiptFile parsed = V1.ReceiptFile.Parser.ParseFrom(message.Bytes);
        Assert.That(parsed.TraceLeaves.Select(leaf => leaf.HasMalformed), Is.EqualTo(OfTrace));
        Assert.That(parsed.OutputLeaves.Select(leaf => leaf.HasMalformed), Is.EqualTo(OfOutputs));
    }

    [Test]
    public void A_challenge_is_these_bytes()
    {
        Challenge challenge = new(default, new Digest([.. Enumerable.Range(1, 32).Select(i => (byte)i)]), [1, 2, 3], "beacon", 300, default, 459);
        string zeros = new('0', 64);
        string counted = "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20";
        Assert.That(
            Convert.ToHexString(ChallengeMessage.ToBytes(challenge)),
            Is.EqualTo($"0A20{zeros}1220{counted}1A030102032206626561636F6E28AC023220{zeros}38CB03"));
    }

    [Test]
    public void Enumerations_have_our_numbers()
    {
        Same<V1.ElementType, DType>();
        Same<V1.Suite, Suite>();
        Same<V1.Policy, Policy>();
        Same<V1.Resolution, Resolution>();
        Same<V1.ValueKind, ValueKind>();
        Same<V1.TreeKind, TreeKind>();
        Same<V1.KeyScheme, KeyScheme>();
        Assert.That(Names<V1.Accusation>(), Is.SubsetOf(Names<Reason>()));
    }

    private static void Same<TWire, TOurs>()
        where TWire : struct, Enum
        where TOurs : struct, Enum => Assert.That(Names<TWire>(), Is.EqualTo(Names<TOurs>()));

    private static string[] Names<T>()
        where T : struct, Enum =>
        [.. Enum.GetValues<T>().Where(value => Convert.ToInt32(value) != 0).Select(value => $"{Convert.ToInt32(value)} {value}".ToUpperInvariant())];
}
