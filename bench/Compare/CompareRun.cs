using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Compare;

/// <summary>The verb <c>compare</c>: ours and others in turn, and how far the goals are reached.</summary>
internal static class CompareRun
{
    private static Section[] All => [new ProductSection(), new FunctionSection(), new HashSection(), new ModelSection(), new TokenSection(), new CommitSection(), new ResourceSection()];

    /// <summary>Runs the sections of these names, or all, and writes the report of all that ever ran.</summary>
    public static int Run(string[] names)
    {
        if (names is ["report"])
        {
            Tables.Write(All);
            return 0;
        }

        Machine.MeasureLimits();
        Section[] sections = All;
        if (names.Except(sections.Select(section => section.Name)).FirstOrDefault() is string stranger)
        {
            Console.Error.WriteLine($"no section '{stranger}'; there are: {string.Join(' ', sections.Select(section => section.Name))} report");
            return 64;
        }

        Directory.CreateDirectory(Path.Combine(Folders.Results, "compare"));
        foreach (Section section in sections.Where(section => names.Length == 0 || names.Contains(section.Name)))
        {
            section.Run();
            section.Result.Write(Tables.PathOf(section));
        }

        Tables.Write(sections);
        return 0;
    }
}
