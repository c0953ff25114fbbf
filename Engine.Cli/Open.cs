using System;

using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Opens files of the protocol; says why where one is none.</summary>
internal static class Open
{
    /// <summary>A statement, validated.</summary>
    internal static bool Statement(string path, out StatementFile? file) =>
        Said(path, StatementFile.TryRead(Files.Read(path), out file, out string why), why);

    /// <summary>A receipt.</summary>
    internal static bool Receipt(string path, out ReceiptFile? file) =>
        Said(path, ReceiptFile.TryRead(Files.Read(path), out file, out string why), why);

    /// <summary>A challenge.</summary>
    internal static bool Challenge(string path, out Challenge? challenge) =>
        Said(path, Verify.Challenges.Challenge.TryRead(Files.Read(path), out challenge, out string why), why);

    /// <summary>A proof.</summary>
    internal static bool Proof(string path, out Proof? proof) =>
        Said(path, Verify.Proofs.Proof.TryRead(Files.Read(path), out proof, out string why), why);

    /// <summary>A fraud proof.</summary>
    internal static bool FraudProof(string path, out FraudProof? proof) =>
        Said(path, Verify.Proofs.FraudProof.TryRead(Files.Read(path), out proof, out string why), why);

    /// <summary>A trace.</summary>
    internal static bool Trace(string path, out TraceFile? trace) => Said(path, TraceFile.TryOpen(path, out trace, out string why), why);

    private static bool Said(string path, bool isRead, string why)
    {
        if (!isRead)
        {
            Console.Error.WriteLine($"'{path}': {why}");
        }

        return isRead;
    }
}
