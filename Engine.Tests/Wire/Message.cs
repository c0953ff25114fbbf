using System.Collections.Immutable;

using Google.Protobuf.Reflection;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Forgeries;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;
using VerifiableCompute.Wire;

using V1 = VerifiableCompute.Wire.V1;

namespace VerifiableCompute.Engine.Tests.Wire;

/// <summary>What reading gave: the object's canonical bytes and its message, or nothing and a reason.</summary>
internal sealed record Answer(byte[]? Canonical, byte[]? Again, string Why);

/// <summary>A message of one of the six families with what it carries.</summary>
internal sealed record Message(string Family, MessageDescriptor Type, byte[] Bytes, byte[] Canonical, Func<byte[], Answer> Read)
{
    private static readonly Lazy<ImmutableArray<Message>> SmallOnes = new(() => [.. Of(Tiny())]);

    /// <summary>One of each family, of a graph of one node.</summary>
    public static ImmutableArray<Message> Small => SmallOnes.Value;

    /// <summary>One of each family.</summary>
    public static IEnumerable<Message> Of(Scene scene) =>
    [
        Of(scene.Statement), Of(scene.Receipt), Of(scene.Challenge), Of(scene.Proof), Of(Accusation(scene)), Of(Staging.Of(scene)[^1]),
    ];

    public static Message Of(StatementFile file) => new("statement", V1.StatementFile.Descriptor, StatementMessage.ToBytes(file), file.ToArray(), bytes =>
        StatementMessage.TryRead(bytes, out StatementFile? read, out string why)
            ? new Answer(read!.ToArray(), StatementMessage.ToBytes(read), why) : Refused(read, why));

    public static Message Of(ReceiptFile file) => new("receipt", V1.ReceiptFile.Descriptor, ReceiptMessage.ToBytes(file), file.ToArray(), bytes =>
        ReceiptMessage.TryRead(bytes, out ReceiptFile? read, out string why)
            ? new Answer(read!.ToArray(), ReceiptMessage.ToBytes(read), why) : Refused(read, why));

    public static Message Of(Challenge challenge) => new(
        "challenge", V1.Challenge.Descriptor, ChallengeMessage.ToBytes(challenge), challenge.ToArray(), bytes =>
        ChallengeMessage.TryRead(bytes, out Challenge? read, out string why)
            ? new Answer(read!.ToArray(), ChallengeMessage.ToBytes(read), why) : Refused(read, why));

    public static Message Of(Proof proof) => new("proof", V1.Proof.Descriptor, ProofMessage.ToBytes(proof), proof.ToArray(), bytes =>
        ProofMessage.TryRead(bytes, out Proof? read, out string why)
            ? new Answer(read!.ToArray(), ProofMessage.ToBytes(read), why) : Refused(read, why));

    public static Message Of(FraudProof proof) => new(
        "fraud proof", V1.FraudProof.Descriptor, FraudProofMessage.ToBytes(proof), proof.ToArray(), bytes =>
        FraudProofMessage.TryRead(bytes, out FraudProof? read, out string why)
            ? new Answer(read!.ToArray(), FraudProofMessage.ToBytes(read), why) : Refused(read, why));

    public static Message Of(StageFile file) => new("stage", V1.StageFile.Descriptor, StageMessage.ToBytes(file), file.ToArray(), bytes =>
        StageMessage.TryRead(bytes, out StageFile? read, out string why) ? new Answer(read!.ToArray(), StageMessage.ToBytes(read), why) : Refused(read, why));

    /// <summary>What convicts a run of the scene's statement with one flipped bit.</summary>
    public static FraudProof Accusation(Scene scene)
    {
        using FaultyBackend faulty = new(new ReferenceBackend(), new Fault(FaultKind.Flip, 1, string.Empty), scene.Graph);
        using ReferenceBackend reference = new();
        MemoryTraceStore store = new();
        CommittedRun run = new Committer(PlainHasher.Instance).Run(scene.Statement, scene.Graph.Graph, scene.Inputs, faulty, store: store);
        return new Auditor(PlainHasher.Instance).Audit(scene.Statement, run.Receipt, scene.Graph.Graph, scene.Inputs, reference, store).FraudProof!;
    }

    /// <summary>Reads other bytes than the message: they are refused with a reason, or say something else and are its one encoding.</summary>
    public bool Accepts(byte[] other)
    {
        Answer answer = Read(other);
        if (answer.Canonical is null)
        {
            return answer.Why.Length > 0 ? false : throw new InvalidOperationException("refused without a reason");
        }

        bool isSound = answer.Why.Length == 0 && answer.Again.AsSpan().SequenceEqual(other)
            && answer.Canonical.AsSpan().SequenceEqual(Canonical) == other.AsSpan().SequenceEqual(Bytes);
        return isSound ? true : throw new InvalidOperationException($"two encodings: {Convert.ToHexString(other)}");
    }

    public override string ToString() => Family;

    private static Answer Refused(object? read, string why) =>
        read is null ? new Answer(null, null, why) : throw new InvalidOperationException("refused with an object");

    private static Scene Tiny()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 3)));
        ValueRef sum = builder.Add("sum", Add.Instance, x, builder.Parameter("y", Tensor.Of<float>(DType.F32, new Shape(2, 3), 6, 4, 5, 1, 3, 2)));
        ValueRef turned = builder.Transpose("turned", sum, 1, 0);
        Graph graph = builder.Build(new GraphOutput("softmax", builder.Add("softmax", new Softmax(false), turned)));
        return Scene.Of(graph, [Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6)], Policy.Compact, Suite.Sha256, 2);
    }
}
