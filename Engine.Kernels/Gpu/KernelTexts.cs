using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>The kernel texts that lie in the assembly: the source of each, and the PTX made from it. A source is device.h, then the headers that
/// the text's first line names (<c>/* uses: a.h, b.h */</c>; a header may name others), each once, then the text.</summary>
internal static partial class KernelTexts
{
    private const string Sources = "Texts/";
    private const string Extension = ".cl";

    /// <summary>Every text: Dot for Texts/Dot.cl.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. typeof(KernelTexts).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Sources, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
        .Select(name => name[Sources.Length..^Extension.Length])
        .Order(StringComparer.Ordinal)];

    /// <summary>What a driver compiles.</summary>
    /// <param name="name">The text.</param>
    /// <exception cref="ArgumentException">There is no such text, or it names a header that is not there.</exception>
    internal static string Source(string name) => Source(name, file => Resource(Sources + file));

    /// <summary>The same over other files.</summary>
    internal static string Source(string name, Func<string, string?> read)
    {
        StringBuilder source = new();
        HashSet<string> seen = [];
        Append("device.h");
        Append(name + Extension);
        return source.ToString();

        void Append(string file)
        {
            if (seen.Add(file))
            {
                string text = read(file) ?? throw new ArgumentException($"there is no kernel text {file}", nameof(name));
                foreach (string header in Uses().Match(text).Groups[1].Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
                {
                    Append(header);
                }

                source.Append(text);
            }
        }
    }

    /// <summary>The PTX of a text as it is checked in, or null where there is none.</summary>
    internal static string? Ptx(string name) => Resource($"Ptx/{name}.ptx");

    private static string? Resource(string name)
    {
        using Stream? stream = typeof(KernelTexts).Assembly.GetManifestResourceStream(name);
        return stream is null ? null : new StreamReader(stream, Encoding.UTF8).ReadToEnd();
    }

    [GeneratedRegex(@"^/\* uses: ([\w., ]+) \*/")]
    private static partial Regex Uses();
}
