using System.Linq;

using Google.Protobuf;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Wire;

/// <summary>Openings, as proofs and fraud proofs have them.</summary>
internal static class OpeningsPart
{
    /// <summary>The message.</summary>
    internal static V1.Openings Make(Openings openings) => new()
    {
        Lists = { openings.Lists.Select(list => new V1.ListOpening { Kind = (V1.TreeKind)list.Kind, Size = list.Size, Proof = Make(list.Proof) }) },
        Tensors =
        {
            openings.Tensors.Select(tensor => new V1.TensorOpening
            {
                Kind = (V1.ValueKind)tensor.Value.Kind,
                Index = (uint)tensor.Value.Index,
                Slot = (uint)tensor.Value.Slot,
                Proof = Make(tensor.Proof),
            })
        },
    };

    /// <summary>The canonical bytes.</summary>
    internal static void Build(CanonicalBuilder builder, V1.Openings? openings)
    {
        if (!builder.Has(openings))
        {
            return;
        }

        builder.U8(openings.Lists.Count);
        foreach (V1.ListOpening list in openings.Lists.TakeWhile(_ => !builder.Failed))
        {
            builder.U8((int)list.Kind);
            builder.I64(list.Size);
            Build(builder, list.Proof);
        }

        builder.U32(openings.Tensors.Count);
        foreach (V1.TensorOpening tensor in openings.Tensors.TakeWhile(_ => !builder.Failed))
        {
            builder.U8((int)tensor.Kind);
            builder.U32(tensor.Index);
            builder.U16(tensor.Slot);
            Build(builder, tensor.Proof);
        }
    }

    private static V1.MultiProof Make(MultiProof proof) => new()
    {
        Indices = { proof.Indices },
        Leaves = { proof.Leaves.Select(CommonParts.Make) },
        Siblings = { proof.Siblings.Select(CommonParts.Make) },
    };

    private static void Build(CanonicalBuilder builder, V1.MultiProof? proof)
    {
        if (!builder.Has(proof))
        {
            return;
        }

        if (proof.Indices.Count != proof.Leaves.Count)
        {
            builder.Fail("not as many leaves as indices");
        }

        builder.U32(proof.Indices.Count);
        foreach (long index in proof.Indices.TakeWhile(_ => !builder.Failed))
        {
            builder.I64(index);
        }

        foreach (ByteString leaf in proof.Leaves.TakeWhile(_ => !builder.Failed))
        {
            builder.Bytes(leaf);
        }

        builder.U32(proof.Siblings.Count);
        foreach (ByteString sibling in proof.Siblings.TakeWhile(_ => !builder.Failed))
        {
            builder.Digest(sibling);
        }
    }
}
