using System;
using System.Buffers.Binary;
using System.Linq;

using Google.Protobuf;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Wire;

/// <summary>Parts that several messages share: <c>Make</c> gives the message of an object, <c>Build</c> the canonical bytes of a message.</summary>
internal static class CommonParts
{
    internal const int WideBytes = 16;

    internal static ByteString Make(Digest digest) => ByteString.CopyFrom(digest.Span);

    internal static ByteString Make(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[WideBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        return ByteString.CopyFrom(bytes);
    }

    internal static ByteString Make(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    internal static V1.Type Make(TensorType type) => new() { ElementType = (V1.ElementType)type.DType, Extents = { type.Shape.Extents.ToArray() } };

    internal static V1.TensorCommitment Make(TensorCommitment commitment) => new() { Type = Make(commitment.Type), Root = Make(commitment.Root) };

    internal static V1.ProverKey Make(ProverKey key) => new() { Scheme = (V1.KeyScheme)key.Scheme, Key = Make(key.Key) };

    internal static void Build(CanonicalBuilder builder, V1.Type? type)
    {
        if (!builder.Has(type))
        {
            return;
        }

        builder.U8((int)type.ElementType);
        builder.U8(type.Extents.Count);
        foreach (long extent in type.Extents.TakeWhile(_ => !builder.Failed))
        {
            builder.I64(extent);
        }
    }

    internal static void Build(CanonicalBuilder builder, V1.TensorCommitment? commitment)
    {
        if (builder.Has(commitment))
        {
            Build(builder, commitment.Type);
            builder.U8(0);
            builder.Digest(commitment.Root);
        }
    }

    internal static void Build(CanonicalBuilder builder, V1.ProverKey? key)
    {
        if (builder.Has(key))
        {
            builder.U8((int)key.Scheme);
            builder.Digest(key.Key);
        }
    }
}
