using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Other runs, whose files are put in the place of a run's.</summary>
internal static class Another
{
    /// <summary>The same graph on other inputs.</summary>
    internal static Scene Inputs(Scene scene, Adversarial random) => Forge.Rerun(scene, scene.Graph.Graph, OtherInputs(scene, random));

    /// <summary>The same run under another job.</summary>
    internal static Scene Job(Scene scene) =>
        Scene.Of(scene.Graph, scene.Inputs, scene.Statement.Statement with { JobId = Ids.Of("job", [99]) });

    /// <summary>The same run under the other suite.</summary>
    internal static Scene Run(Scene scene, Suite suite) => Scene.Of(scene.Graph, scene.Inputs, scene.Statement.Statement with { Suite = suite });

    /// <summary>The run under the other suite, with the tensors' roots of this one and every list hashed anew.</summary>
    internal static SpotFiles? Suite(Scene scene)
    {
        if (Forge.Outputs(scene, output => output.Type.Elements == 0).Any())
        {
            return null; // The roots of what has no elements would tell at once.
        }

        Suite suite = (Suite)(3 - (int)scene.Suite());
        Digest Root(TreeKind kind) => MerkleTree.RootOf(suite, kind, Forge.Leaves(scene, kind), PlainHasher.Instance);
        Statement statement = scene.Statement.Statement with
        {
            Suite = suite,
            GraphRoot = Root(TreeKind.Graph),
            ParametersRoot = Root(TreeKind.Parameters),
            InputsRoot = Root(TreeKind.Inputs),
        };
        ReceiptFile receipt = scene.Receipt with
        {
            Receipt = scene.Receipt.Receipt with { StatementId = statement.Id, TraceRoot = Root(TreeKind.Trace), OutputsRoot = Root(TreeKind.Outputs) },
        };
        Challenge challenge = scene.Challenge with { StatementId = statement.Id, ReceiptId = receipt.Receipt.Id };
        ImmutableArray<ListOpening> lists = [.. scene.Proof.Openings.Lists.Select(list => list with
        {
            Proof = MerkleTree.Of(suite, list.Kind, Forge.Leaves(scene, list.Kind), PlainHasher.Instance)
                .Open(list.Proof.Indices.AsSpan(), i => Forge.Leaves(scene, list.Kind)[(int)i]),
        })];
        return Forge.Stated(scene, statement) with
        {
            Receipt = receipt.ToArray(),
            Challenge = challenge.ToArray(),
            Proof = new Proof(challenge.Id, scene.Proof.Openings with { Lists = lists }).ToArray(),
        };
    }

    /// <summary>Inputs of the same types, drawn.</summary>
    internal static ImmutableArray<Tensor> OtherInputs(Scene scene, Adversarial random) =>
        [.. scene.Inputs.Select(input => random.Tensor(input.Type.DType, input.Type.Shape, Adversarial.Mood.Tame))];
}
