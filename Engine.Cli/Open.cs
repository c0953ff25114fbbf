using System.IO;

using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Opens files of the protocol. Each throws <see cref="InvalidDataException"/>, with the file's name and the reason, where it is none.</summary>
internal static class Open
{
    /// <summary>A statement, validated.</summary>
    internal static StatementFile Statement(string path) =>
        StatementFile.TryRead(Files.Read(path), out StatementFile? file, out string why) ? file! : throw Refused(path, why);

    /// <summary>A receipt.</summary>
    internal static ReceiptFile Receipt(string path) =>
        ReceiptFile.TryRead(Files.Read(path), out ReceiptFile? file, out string why) ? file! : throw Refused(path, why);

    /// <summary>A stage receipt.</summary>
    internal static StageFile Stage(string path) =>
        StageFile.TryRead(Files.Read(path), out StageFile? file, out string why) ? file! : throw Refused(path, why);

    /// <summary>A challenge.</summary>
    internal static Challenge Challenge(string path) =>
        Verify.Challenges.Challenge.TryRead(Files.Read(path), out Challenge? challenge, out string why) ? challenge! : throw Refused(path, why);

    /// <summary>A proof.</summary>
    internal static Proof Proof(string path) =>
        Verify.Proofs.Proof.TryRead(Files.Read(path), out Proof? proof, out string why) ? proof! : throw Refused(path, why);

    /// <summary>A fraud proof.</summary>
    internal static FraudProof FraudProof(string path) =>
        Verify.Proofs.FraudProof.TryRead(Files.Read(path), out FraudProof? proof, out string why) ? proof! : throw Refused(path, why);

    /// <summary>A trace of a whole run.</summary>
    internal static TraceFile Trace(string path)
    {
        TraceFile trace = AnyTrace(path);
        if (trace.Receipt is not null)
        {
            return trace;
        }

        trace.Dispose();
        throw Refused(path, "a stage's trace, which answers for the whole run when it was composed with the others");
    }

    /// <summary>A trace of a run or of a stage.</summary>
    internal static TraceFile AnyTrace(string path) => TraceFile.TryOpen(path, out TraceFile? trace, out string why) ? trace! : throw Refused(path, why);

    private static InvalidDataException Refused(string path, string why) => new($"'{path}': {why}");
}
