using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A file is empty.</summary>
internal sealed class NothingThere(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "L8";

    /// <inheritdoc/>
    public string Attack => $"the {kind} file is empty";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Of(scene, kind).Edit(kind, bytes => []);
}
