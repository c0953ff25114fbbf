using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>Another prover than the statement names delivers.</summary>
internal sealed class ProverOther : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "another prover than the statement names delivers";

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongProver;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Stated(scene, scene.Statement.Statement with { Prover = new ProverKey(KeyScheme.Ed25519, Ids.Of("key", [1])) });
}
