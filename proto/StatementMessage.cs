using System;
using System.Linq;

using Google.Protobuf;

using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Wire;

/// <summary>Statements with their graphs as Protobuf: <c>verifiablecompute.v1.StatementFile</c>.</summary>
public static class StatementMessage
{
    private static readonly MessageCodec<V1.StatementFile, StatementFile> Codec =
        new(WireLimits.MessageBytes, V1.StatementFile.Descriptor, Make, Build, StatementFile.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(StatementFile file) => Codec.ToBytes(file);

    /// <summary>Reads a message and validates the statement, as <see cref="StatementFile.TryRead"/> does. Total: every input is accepted or
    /// refused with a reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out StatementFile? file, out string why) => Codec.TryRead(bytes, out file, out why);

    /// <summary>The message of a statement alone.</summary>
    internal static V1.Statement Make(Statement statement) => new()
    {
        Format = Statement.Format,
        Semantics = Statement.Semantics,
        LoweringVersion = (uint)statement.LoweringVersion,
        Policy = (V1.Policy)statement.Policy,
        Suite = (V1.Suite)statement.Suite,
        GraphRoot = CommonParts.Make(statement.GraphRoot),
        ParametersRoot = CommonParts.Make(statement.ParametersRoot),
        InputsRoot = CommonParts.Make(statement.InputsRoot),
        Seed = CommonParts.Make(statement.Seed),
        Challenge = new V1.ChallengePolicy
        {
            Samples = (uint)statement.Challenge.Samples,
            Mix = (uint)statement.Challenge.Mix,
            BeaconId = statement.Challenge.BeaconId,
            Delay = statement.Challenge.Delay,
        },
        LimitsProfile = Statement.LimitsProfile,
        Domain = new V1.Domain
        {
            Namespace = statement.Domain.Namespace,
            ChainId = statement.Domain.ChainId,
            Contract = ByteString.CopyFrom(Convert.FromHexString(statement.Domain.Contract)),
        },
        JobId = CommonParts.Make(statement.JobId),
        Prover = CommonParts.Make(statement.Prover),
        LiabilityEnd = statement.LiabilityEnd,
    };

    /// <summary>The canonical bytes of a statement alone.</summary>
    internal static void Build(CanonicalBuilder builder, V1.Statement? statement)
    {
        if (!builder.Has(statement) || !builder.Has(statement.Challenge) || !builder.Has(statement.Domain))
        {
            return;
        }

        builder.U16(statement.Format);
        builder.U16(statement.Semantics);
        builder.U16(statement.LoweringVersion);
        builder.U8((int)statement.Policy);
        builder.U8((int)statement.Suite);
        builder.Digest(statement.GraphRoot);
        builder.Digest(statement.ParametersRoot);
        builder.U8(0);
        builder.Digest(statement.InputsRoot);
        builder.Digest(statement.Seed);
        builder.U32(statement.Challenge.Samples);
        builder.U32(statement.Challenge.Mix);
        builder.Text(statement.Challenge.BeaconId);
        builder.U64(statement.Challenge.Delay);
        builder.U8(statement.LimitsProfile);
        builder.Text(statement.Domain.Namespace);
        builder.U64(statement.Domain.ChainId);
        builder.Raw(statement.Domain.Contract, Domain.ContractBytes);
        builder.Digest(statement.JobId);
        CommonParts.Build(builder, statement.Prover);
        builder.U64(statement.LiabilityEnd);
    }

    private static V1.StatementFile Make(StatementFile file) =>
        new() { Statement = Make(file.Statement), Records = { file.Graph.Records.Select(Make) } };

    private static V1.Record Make(GraphRecord record) => new()
    {
        Op = new V1.Op
        {
            Name = record.Op.Name,
            Version = (uint)record.Op.Version,
            Attributes = { record.Op.Attributes.Select(attribute => new V1.Attribute { Values = { attribute.Values } }) },
        },
        Inputs =
        {
            record.Inputs.Select(input => new V1.RecordInput
            {
                Kind = (V1.ValueKind)input.Source.Kind,
                Index = (uint)input.Source.Index,
                Slot = (uint)input.Source.Slot,
                Type = CommonParts.Make(input.Type),
            })
        },
        Outputs = { record.Outputs.Select(Make) },
        ElementsBefore = CommonParts.Make(record.ElementsBefore),
        WorkBefore = CommonParts.Make(record.WorkBefore),
    };

    private static V1.RecordOutput Make(RecordOutput output)
    {
        V1.RecordOutput made = new() { Type = CommonParts.Make(output.Type), Resolution = (V1.Resolution)output.Resolution };
        if (output.GraphOutput >= 0)
        {
            made.GraphOutput = (uint)output.GraphOutput;
        }

        return made;
    }

    private static void Build(CanonicalBuilder builder, V1.StatementFile file)
    {
        builder.Header(FileKind.Statement);
        Build(builder, file.Statement);
        builder.U32(file.Records.Count);
        for (int i = 0; i < file.Records.Count && !builder.Failed; i++)
        {
            builder.Nested((i, file.Records[i]), Build);
        }
    }

    private static void Build(CanonicalBuilder builder, (int Index, V1.Record Record) leaf)
    {
        V1.Record record = leaf.Record;
        builder.U8(1);
        builder.U32(leaf.Index);
        builder.U32(0);
        if (!builder.Has(record.Op))
        {
            return;
        }

        builder.Text(record.Op.Name);
        builder.U16(record.Op.Version);
        builder.U8(record.Op.Attributes.Count);
        foreach (V1.Attribute attribute in record.Op.Attributes.TakeWhile(_ => !builder.Failed))
        {
            builder.U8(attribute.Values.Count);
            foreach (long value in attribute.Values.TakeWhile(_ => !builder.Failed))
            {
                builder.I64(value);
            }
        }

        builder.U16(record.Inputs.Count);
        foreach (V1.RecordInput input in record.Inputs.TakeWhile(_ => !builder.Failed))
        {
            builder.U8((int)input.Kind);
            builder.U32(input.Index);
            builder.U16(input.Slot);
            CommonParts.Build(builder, input.Type);
        }

        builder.U16(record.Outputs.Count);
        foreach (V1.RecordOutput output in record.Outputs.TakeWhile(_ => !builder.Failed))
        {
            CommonParts.Build(builder, output.Type);
            builder.U8((int)output.Resolution);
            builder.U32(output.HasGraphOutput ? output.GraphOutput + 1L : 0);
        }

        builder.Raw(record.ElementsBefore, CommonParts.WideBytes);
        builder.Raw(record.WorkBefore, CommonParts.WideBytes);
    }
}
