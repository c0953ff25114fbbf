using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A file starts with other letters.</summary>
internal sealed class MagicOther(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => $"the {kind} file starts with other letters";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "not a file of this protocol";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Of(scene, kind).Edit(kind, bytes => [(byte)'v', .. bytes[1..]]);
}
